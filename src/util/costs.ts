/** What one kind of question to one endpoint has cost since the start. */
export interface QuestionCost {
  /** `unix:///var/run/docker.sock`, "this machine’s files"… */
  readonly endpoint: string;
  /** Without ids, so that it names a kind: `GET /containers/…/json`, a gRPC method. */
  readonly question: string;
  readonly count: number;
  readonly failed: number;
  /** Bytes of the answers' bodies; 0 where nobody counts them. */
  readonly bytes: number;
  /** Summed and longest, with the time spent waiting for a free connection. */
  readonly totalMs: number;
  readonly longestMs: number;
}

/** What one minute of the clock has cost at one endpoint. */
export interface MinuteCost {
  /** Unix milliseconds of its begin. */
  readonly minute: number;
  readonly endpoint: string;
  readonly count: number;
  readonly bytes: number;
  readonly totalMs: number;
}

/** One look at the whole host. */
export interface LookCost {
  /** Unix milliseconds of its end. */
  readonly endedAt: number;
  readonly reason: string;
  readonly milliseconds: number;
}

const MINUTE_MS = 60_000;
const MINUTES_KEPT = 60;
const LOOKS_KEPT = 100;
/** More kinds than that are counted together: an answer of ours must not grow with what others name things. */
const KINDS_KEPT = 500;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Counts what the explorer asks for: how often, how much, how long. In memory alone; nothing of it leaves this process. */
export class Costs {
  private readonly questions = new Map<string, Mutable<QuestionCost>>();
  private minutes: Mutable<MinuteCost>[] = [];
  private looks: LookCost[] = [];
  readonly since = Date.now();

  /** Notes a question that was answered or failed; `milliseconds` from asking to the end of the answer. */
  note(
    endpoint: string,
    question: string,
    cost: { readonly milliseconds: number; readonly bytes?: number; readonly failed?: boolean },
  ): void {
    const { milliseconds, bytes = 0, failed = false } = cost;
    const key = `${endpoint} ${question}`;
    const isNew = !this.questions.has(key) && this.questions.size >= KINDS_KEPT;
    const kind = isNew ? 'others' : question;
    const entry = this.questions.get(isNew ? `${endpoint} others` : key) ?? {
      ...{ endpoint, question: kind, count: 0, failed: 0, bytes: 0, totalMs: 0, longestMs: 0 },
    };
    this.questions.set(`${endpoint} ${kind}`, entry);
    entry.count++;
    entry.failed += failed ? 1 : 0;
    entry.bytes += bytes;
    entry.totalMs += milliseconds;
    entry.longestMs = Math.max(entry.longestMs, milliseconds);
    this.noteMinute(endpoint, bytes, milliseconds);
  }

  /** Runs a question and notes what it cost; `bytes` of its answer where it can be told. */
  async measure<T>(
    endpoint: string,
    question: string,
    ask: () => Promise<T>,
    bytes?: (answer: T) => number,
  ): Promise<T> {
    const begun = performance.now();
    try {
      const answer = await ask();
      this.note(endpoint, question, { milliseconds: performance.now() - begun, bytes: bytes?.(answer) ?? 0 });
      return answer;
    } catch (error) {
      this.note(endpoint, question, { milliseconds: performance.now() - begun, failed: true });
      throw error;
    }
  }

  noteLook(reason: string, milliseconds: number): void {
    this.looks = [...this.looks.slice(1 - LOOKS_KEPT), { endedAt: Date.now(), reason, milliseconds }];
  }

  /** Costliest kinds first; minutes and looks newest first. */
  read(): {
    readonly questions: readonly QuestionCost[];
    readonly minutes: readonly MinuteCost[];
    readonly looks: readonly LookCost[];
  } {
    this.forgetOldMinutes();
    return {
      questions: [...this.questions.values()].map((one) => ({ ...one })).sort((a, b) => b.totalMs - a.totalMs),
      minutes: this.minutes.map((one) => ({ ...one })).reverse(),
      looks: [...this.looks].reverse(),
    };
  }

  private noteMinute(endpoint: string, bytes: number, milliseconds: number): void {
    const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    let entry = this.minutes.find((one) => one.minute === minute && one.endpoint === endpoint);
    if (!entry) {
      this.forgetOldMinutes();
      entry = { minute, endpoint, count: 0, bytes: 0, totalMs: 0 };
      this.minutes.push(entry);
    }
    entry.count++;
    entry.bytes += bytes;
    entry.totalMs += milliseconds;
  }

  private forgetOldMinutes(): void {
    const oldest = Date.now() - MINUTES_KEPT * MINUTE_MS;
    this.minutes = this.minutes.filter(({ minute }) => minute >= oldest);
  }
}

/** The costs of this process, for whoever asks outside. One for all: what is shown is what the whole explorer costs. */
export const costs = new Costs();

/** A path without what differs from container to container: ids, names after a collection, the API's version. */
export function kindOfPath(path: string): string {
  const [place = ''] = path.split('?');
  return place
    .replace(/^\/v\d+(?:\.\d+)*(?=\/)/, '')
    .replace(/\/(containers|images|pods|networks|volumes|exec)\/(?!json$|create$)[^/]+/g, '/$1/…');
}
