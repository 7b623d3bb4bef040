import type { Explanation, Reference } from '../explanation';

/** What is said of one field of config.json, whatever its value. */
export interface FieldText {
  readonly meaning: string;
  readonly consequence?: string;
  readonly check?: string;
  readonly references: readonly Reference[];
  /** This value in words; undefined when the value itself says it all. */
  readonly words?: (value: unknown) => string | undefined;
  /** More about this very value, laid over the rest: a capability's own text in a list of capabilities. */
  readonly detail?: (value: unknown, path: readonly string[]) => Partial<Explanation> | undefined;
}

/** Fields by their path, parts joined by dots; `*` stands for any index or key: `mounts.*.options.*`. */
export type FieldTable = Readonly<Record<string, FieldText>>;
