import type { CgroupReading } from '../../model/cgroup';
import type { DoctorReport, Finding } from '../../model/doctor/finding';
import type { LetGo } from '../../model/container';
import type { Fact } from '../../model/fact';
import type { FactName, Inspection } from '../../model/inspection';
import type { LayerDetail } from '../../model/layer';
import type { Problem } from '../../model/problem';
import type { CommandId } from '../../contributions';

/** What a node is about: for tooltips, menus and revealing. */
export type Subject =
  | { readonly kind: 'layer'; readonly layerId: string }
  | { readonly kind: 'container'; readonly containerId: string; readonly layerId?: string }
  /** A host that is no live machine. */
  | { readonly kind: 'host'; readonly hostKey: string }
  | { readonly kind: 'group'; readonly text: string }
  | { readonly kind: 'shim'; readonly layerId: string; readonly pid: number }
  /** A fact about a container. `command` is what the tooltip explains beyond the fact itself. */
  | {
      readonly kind: 'fact';
      readonly containerId: string;
      readonly name: FactName;
      readonly fact: Fact<unknown>;
      /** The value as shown, for the tooltip; the label where absent. */
      readonly shown?: string;
      /** The cgroup file that it was read from. */
      readonly reading?: Pick<CgroupReading, 'file' | 'path' | 'value'>;
    }
  | {
      readonly kind: 'namespace';
      readonly containerId: string;
      readonly type: string;
      readonly fact: Fact<unknown>;
      readonly shown: string;
    }
  | { readonly kind: 'call'; readonly containerId: string; readonly text: string }
  | { readonly kind: 'detail'; readonly detail: LayerDetail }
  | { readonly kind: 'letGo'; readonly letGo: LetGo }
  /** Something of a Kubernetes cluster: what it is, and what is known of it. */
  | {
      readonly kind: 'kube';
      readonly topic: KubeTopic;
      readonly contextName: string;
      readonly details: readonly LayerDetail[];
    }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'more'; readonly listId: string };

/** What of Kubernetes a row is about. */
export type KubeTopic = 'context' | 'node' | 'pod' | 'container' | 'check';

/**
 * Children that are known now, or only after the container has been inspected, or after the shims have been
 * examined, or after somebody outside was asked.
 */
export type Children =
  | { readonly when: 'now'; readonly make: () => readonly TreeNode[] }
  | {
      readonly when: 'inspected';
      readonly containerId: string;
      readonly make: (inspection: Inspection) => readonly TreeNode[];
    }
  | { readonly when: 'examined'; readonly make: (report: DoctorReport) => readonly TreeNode[] }
  | {
      readonly when: 'asked';
      /** Asks; rejects with a RuntimeError. Called when somebody expands the row, and never before. */
      readonly ask: () => Promise<readonly TreeNode[]>;
      /** The rows as far as the answer is here already; undefined when nobody has asked. */
      readonly known: () => readonly TreeNode[] | undefined;
    };

/** One row of the tree, as data: everything VS Code needs to draw it, without VS Code. */
export interface TreeNode {
  /** Identity alone, so that a row keeps its place and its expansion whatever it says. */
  readonly id: string;
  /** Safe to show. */
  readonly label: string;
  /** Safe to show; grey, beside the label. */
  readonly description?: string;
  readonly icon: Icon;
  /** The row in words, for those who hear it. */
  readonly spoken: string;
  readonly subject: Subject;
  readonly children?: Children;
  readonly expanded?: boolean;
  /** Words for `when` clauses; package.json asks for them with `viewItem =~`. */
  readonly context?: readonly string[];
  /** What a click on the row does. */
  readonly command?: { readonly id: CommandId; readonly argument: unknown };
}

/** A codicon and a theme colour, so that it fits light, dark and high contrast themes. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
}

/** The id of a row below another. Parts may hold any text, so the separator is escaped in them. */
export function childId(parentId: string, ...parts: readonly string[]): string {
  const own = parts.map((part) => part.replace(/[%/]/g, (character) => (character === '%' ? '%25' : '%2F'))).join(':');
  return parentId === '' ? own : `${parentId}/${own}`;
}

/** Children known now. */
export function now(make: () => readonly TreeNode[]): Children {
  return { when: 'now', make };
}
