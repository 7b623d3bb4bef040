/** A link to where a thing is defined. */
export interface Reference {
  readonly label: string;
  /** https only. */
  readonly url: string;
}

/** What something means, for a hover or a page. All texts are plain text in our own words: views decide how to show them. */
export interface Explanation {
  /** The thing's name: "process.capabilities.bounding". */
  readonly title: string;
  /** One to three plain sentences: what it is. */
  readonly meaning: string;
  /** This very value in words: "64 MiB", "may bind ports below 1024". May quote hostile values: views escape it. */
  readonly valueInWords?: string;
  /** What happens when it is changed, or why it matters. */
  readonly consequence?: string;
  /** One command that shows it on the machine. */
  readonly check?: string;
  readonly references: readonly Reference[];
}
