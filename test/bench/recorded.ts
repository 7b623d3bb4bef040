import type { ServerResponse } from 'node:http';
import { FakeEngine, json } from '../support/fakeEngine';
import { answerTo } from '../support/rawRequest';
import type { Lab } from '../lab/lab';

/** What a real engine answered, and one of its containers. */
export interface Recording {
  readonly info: unknown;
  readonly version: unknown;
  readonly row: Readonly<Record<string, unknown>>;
}

export async function recordEngine({ dockerSocket }: Lab): Promise<Recording> {
  const ask = async (path: string): Promise<unknown> => JSON.parse(await answerTo(dockerSocket, path)) as unknown;
  const [row = {}] = (await ask('/containers/json?all=1')) as Record<string, unknown>[];
  return { info: await ask('/info'), version: await ask('/version'), row };
}

/** An API server that answers as the recorded engine did, for any number of containers: stopped ones, which nothing else knows. */
export class RecordedEngine {
  private readonly rows: Map<string, Record<string, unknown>>;
  private readonly streams = new Set<ServerResponse>();
  private text: string | undefined;

  private constructor(
    readonly engine: FakeEngine,
    { info, version, row }: Recording,
    size: number,
  ) {
    const ids = Array.from({ length: size }, (_, index) => index.toString(16).padStart(64, 'f'));
    const stopped = { ...row, State: 'exited', Status: 'Exited (0) 2 hours ago' };
    this.rows = new Map(ids.map((id, index) => [id, { ...stopped, Id: id, Names: [`/stopped-${index}`] }]));
    engine.on('/info', json(info)).on('/version', json(version));
    engine.on('/containers/json', ({ url }, response) => {
      const filters = new URL(url ?? '', 'http://engine').searchParams.get('filters');
      response.setHeader('Content-Type', 'application/json');
      response.end(filters === null ? this.all() : this.some(filters));
    });
    engine.on('/events', ({ url }, response) => {
      response.flushHeaders();
      // Past events have an end, and none are kept.
      if (new URL(url ?? '', 'http://engine').searchParams.has('until')) response.end();
      else this.streams.add(response.on('close', () => this.streams.delete(response)));
    });
  }

  static async start(recording: Recording, size: number): Promise<RecordedEngine> {
    return new RecordedEngine(await FakeEngine.start(), recording, size);
  }

  get ids(): string[] {
    return [...this.rows.keys()];
  }

  get isFollowed(): boolean {
    return this.streams.size > 0;
  }

  /** Renames a container, and tells it as an engine does. */
  rename(id: string, name: string): void {
    const row = this.rows.get(id);
    if (!row) return;
    row.Names = [`/${name}`];
    this.text = undefined;
    const now = Date.now();
    const event = {
      Type: 'container',
      Action: 'rename',
      Actor: { ID: id, Attributes: { name } },
      id,
      status: 'rename',
    };
    const line = `${JSON.stringify({ ...event, scope: 'local', time: Math.floor(now / 1_000), timeNano: now * 1e6 })}\n`;
    for (const stream of this.streams) stream.write(line);
  }

  stop(): Promise<void> {
    return this.engine.stop();
  }

  private all(): string {
    return (this.text ??= JSON.stringify([...this.rows.values()]));
  }

  private some(filters: string): string {
    const { id: ids = [] } = JSON.parse(filters) as { id?: string[] };
    return JSON.stringify(ids.flatMap((id) => this.rows.get(id) ?? []));
  }
}
