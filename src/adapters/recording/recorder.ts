import type { RecordedCall, RecordedEntry } from '../../model/recording/recordedCall';
import type { RelayedProtocol } from '../../model/recording/connection';
import { pathParts } from '../../model/recording/subject';
import { RuntimeError } from '../../model/problem';
import type { Disposable } from '../../util/disposables';
import { Emitter } from '../../util/emitter';
import { clearRecording, prepareRecording, readRecording, stampOfRecording } from './files';
import {
  beyondLinks,
  chooseFolder,
  expectSocket,
  listens,
  pointLink,
  preparePrivateFolder,
  relayPaths,
  repairLinks,
  targetOfLink,
} from './links';
import { RelayProcess } from './relayProcess';

/** Where a recorder keeps its things, and how it finds the engine. */
export interface RecorderOptions {
  /** Folders in which sockets may be made, best first. */
  readonly socketFolders: readonly string[];
  /** A word of letters and digits, the same for the same workspace. */
  readonly name: string;
  /** The folder of this workspace's recordings. */
  readonly recordings: string;
  /** The folder of the built files. */
  readonly builtFolder: string;
  /** The socket that clients use now: of an engine, or of containerd. @throws RuntimeError when it is none of this machine */
  readonly engineSocket: () => Promise<string>;
  /** What they speak there; HTTP unless told otherwise. */
  readonly protocol?: RelayedProtocol;
}

/** How often a recording that goes on is looked at. */
const LOOK_MS = 1000;
/** Newest calls that are kept in memory, for the pages. */
const MOST_CALLS = 2000;

/** Records the API calls of clients, while it is asked to, and knows what was recorded before. */
export class CallRecorder implements Disposable {
  private readonly changes = new Emitter<void>();
  private relay: RelayProcess | undefined;
  private starting: Promise<string> | undefined;
  private known: readonly RecordedCall[] = [];
  private stamp = '- -';
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Fires when recording began, ended or died, and when calls were recorded or cleared. */
  readonly onDidChange = this.changes.event;

  /** @param onLost called when the relay died by itself; clients reach the engine directly by then */
  constructor(
    private readonly options: RecorderOptions,
    private readonly onLost: () => void = () => undefined,
  ) {}

  get isRecording(): boolean {
    return this.relay !== undefined;
  }

  /** The relay's process, while it records. */
  get relayPid(): number | undefined {
    return this.relay?.pid;
  }

  /** The newest calls about containers, and pings, oldest first, as of the last look. */
  get calls(): readonly RecordedCall[] {
    return this.known;
  }

  /** Begins to record. Resolves with the path of the link that clients must use. @throws RuntimeError */
  start(): Promise<string> {
    this.starting ??= this.begin().finally(() => (this.starting = undefined));
    return this.starting;
  }

  /** Ends recording; open connections go on. */
  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    const relay = this.relay;
    this.relay = undefined;
    clearInterval(this.timer);
    this.changes.fire();
    await relay?.stop();
    await this.look();
  }

  /** Makes links whose relay died lead to the engine, and reads what was recorded before. */
  async recover(): Promise<void> {
    for (const folder of this.options.socketFolders) await repairLinks(folder).catch(() => undefined);
    await this.look();
  }

  /** Everything that was recorded in this workspace, oldest first. */
  entries(): Promise<readonly RecordedEntry[]> {
    return readRecording(this.options.recordings);
  }

  async clear(): Promise<void> {
    await clearRecording(this.options.recordings);
    await this.look();
  }

  /** Reads the recording again when it has changed. */
  look(): Promise<void> {
    this.looking ??= this.readAgain().finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** The relay goes on to the end of its last connection, and makes the link lead to the engine, by itself. */
  dispose(): void {
    clearInterval(this.timer);
    this.relay?.dispose();
    this.relay = undefined;
    this.changes.dispose();
  }

  private async begin(): Promise<string> {
    const { socketFolders, name, recordings, builtFolder, engineSocket, protocol = 'http' } = this.options;
    const folder = chooseFolder(socketFolders, name);
    const paths = relayPaths(folder, name);
    if (this.relay) return paths.link;
    const realSocket = await beyondLinks(await engineSocket());
    await expectSocket(realSocket);
    await preparePrivateFolder(folder);
    await repairLinks(folder);
    await prepareRecording(recordings);
    const target = await targetOfLink(paths.link);
    if (target?.endsWith('.relay') && (await listens(target))) throw alreadyRecording();
    await pointLink(paths.realLink, realSocket);
    this.relay = await RelayProcess.start(
      {
        paths,
        realSocket,
        recordings,
        relayFile: `${builtFolder}/relay.js`,
        workerFile: `${builtFolder}/recorderWorker.js`,
        protocol,
      },
      () => this.lose(),
    );
    this.timer = setInterval(() => void this.look().catch(() => undefined), LOOK_MS);
    this.timer.unref();
    this.changes.fire();
    return paths.link;
  }

  private lose(): void {
    this.relay = undefined;
    clearInterval(this.timer);
    this.changes.fire();
    this.onLost();
  }

  private async readAgain(): Promise<void> {
    const stamp = await stampOfRecording(this.options.recordings);
    if (stamp === this.stamp) return;
    const entries = await this.entries();
    this.stamp = stamp;
    this.known = entries
      .filter((entry) => entry.kind === 'call')
      .filter((call) => call.containerId !== undefined || pathParts(call.path)[0] === '_ping')
      .slice(-MOST_CALLS);
    this.changes.fire();
  }
}

function alreadyRecording(): RuntimeError {
  return new RuntimeError({
    code: 'refused',
    what: 'Recording API calls',
    reason: 'Another window already records for this workspace.',
    remedy: 'Stop the recording there first.',
  });
}
