import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { currentContainerdSocket, currentEngineSocket } from '../adapters/recording/engineSocket';
import { CallRecorder } from '../adapters/recording/recorder';
import { COMMANDS } from '../contributions';
import type { RecordedCall, RecordedEntry } from '../model/recording/recordedCall';
import { Disposables } from '../util/disposables';
import { setContextKey } from '../host/contextKeys';
import type { Log } from '../host/log';
import { RecordingDocument } from '../host/recordingDocument';
import { readSettings } from '../host/settings';

/** Where it is remembered, on this machine, that the user knows what recording adds. */
const AGREED = 'recording.agreed';

/** One relay: clients of a kind, and the variable by which new terminals lead them to it. */
interface Relayed {
  readonly recorder: CallRecorder;
  readonly variable: string;
  /** What the variable holds for a link. */
  readonly address: (link: string) => string;
}

/** Recording, as VS Code shows it: the status bar item, variables of new terminals, and the document of all calls. */
export class Recording implements vscode.Disposable {
  private readonly owned = new Disposables();
  private readonly relayed: readonly Relayed[];
  private readonly document: RecordingDocument;
  private readonly item: vscode.StatusBarItem;

  /** Reads nothing yet, but has links repaired soon that a crash may have left. */
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: Log,
  ) {
    const storage = context.storageUri ?? context.globalStorageUri;
    const name = createHash('sha256').update(storage.toString()).digest('hex').slice(0, 8);
    const common = {
      socketFolders: socketFolders(context),
      builtFolder: vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath,
    };
    this.relayed = [
      {
        variable: 'DOCKER_HOST',
        address: (link) => `unix://${link}`,
        recorder: new CallRecorder(
          {
            ...common,
            name,
            recordings: vscode.Uri.joinPath(storage, 'recordings').fsPath,
            engineSocket: () =>
              currentEngineSocket({ env: process.env, home: homedir(), settings: readSettings().dockerEndpoints }),
          },
          () =>
            void this.tellLost(
              'DOCKER_HOST',
              vscode.l10n.t(
                'The relay that recorded API calls has ended. Docker commands reach the engine directly again.',
              ),
            ),
        ),
      },
      {
        variable: 'CONTAINERD_ADDRESS',
        // ctr takes a path alone.
        address: (link) => link,
        recorder: new CallRecorder(
          {
            ...common,
            // Its own folder: two processes never write to one file.
            name: `${name}c`,
            recordings: vscode.Uri.joinPath(storage, 'recordings', 'containerd').fsPath,
            protocol: 'grpc',
            engineSocket: () =>
              currentContainerdSocket({ env: process.env, addresses: readSettings().containerdAddresses }),
          },
          () =>
            void this.tellLost(
              'CONTAINERD_ADDRESS',
              vscode.l10n.t(
                'The relay that recorded calls to containerd has ended. ctr and nerdctl reach containerd directly again.',
              ),
            ),
        ),
      },
    ];
    this.document = this.owned.add(new RecordingDocument(() => this.entries()));
    this.item = this.owned.add(
      vscode.window.createStatusBarItem('containerRuntime.recording', vscode.StatusBarAlignment.Left),
    );
    this.item.name = vscode.l10n.t('Recording of API Calls');
    this.item.text = vscode.l10n.t('$(record) Recording API calls');
    this.item.tooltip = vscode.l10n.t(
      'API calls of docker, ctr and nerdctl commands in new terminals are recorded. Click to show them; “Stop Recording” ends it.',
    );
    this.item.command = COMMANDS.showRecordedCalls;
    // What VS Code keeps of it would outlive the recording; the link in terminals that exist stays valid anyway.
    context.environmentVariableCollection.persistent = false;
    for (const { recorder } of this.relayed) this.owned.add(recorder.onDidChange(() => this.show()));
    const soon = setImmediate(() => {
      for (const { recorder } of this.relayed)
        void recorder.recover().catch((error: unknown) => log.failure(error, 'Reading the recorded calls'));
    });
    this.owned.add({ dispose: () => clearImmediate(soon) });
  }

  /** What was recorded of containers, oldest first. */
  get calls(): readonly RecordedCall[] {
    return inOrder(this.relayed.map(({ recorder }) => recorder.calls));
  }

  get isRecording(): boolean {
    return this.relayed.some(({ recorder }) => recorder.isRecording);
  }

  /** Reads now what was recorded last. */
  async look(): Promise<void> {
    await Promise.all(this.relayed.map(({ recorder }) => recorder.look()));
  }

  /** Says what recording adds, unless the user knows it, and begins. @throws RuntimeError when nothing can be recorded */
  async start(): Promise<void> {
    if (this.isRecording || !(await this.agreed())) return;
    this.context.environmentVariableCollection.description = vscode.l10n.t(
      'Records the API calls of docker, ctr and nerdctl commands.',
    );
    const begun = await Promise.allSettled(this.relayed.map((relayed) => this.begin(relayed)));
    const refusals = begun.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (refusals.length === this.relayed.length) throw refusals[0];
    // A machine without one of both is nothing to complain about.
    for (const refusal of refusals)
      this.log.info(`Not recorded: ${refusal instanceof Error ? refusal.message : String(refusal)}`);
    this.show();
  }

  async stop(): Promise<void> {
    this.forgetVariables();
    await Promise.all(this.relayed.map(({ recorder }) => recorder.stop()));
  }

  async clear(): Promise<void> {
    await Promise.all(this.relayed.map(({ recorder }) => recorder.clear()));
  }

  /** Opens everything that was recorded; offers to record when there is nothing. */
  async open(): Promise<void> {
    if (this.isRecording || (await this.entries()).length > 0) return this.document.open();
    const record = vscode.l10n.t('Record API Calls');
    const text = vscode.l10n.t('No API calls were recorded in this workspace.');
    // Not awaited: the command is over, however long its message stays on the screen.
    void vscode.window.showInformationMessage(text, record).then(async (answer) => {
      if (answer === record) await vscode.commands.executeCommand(COMMANDS.recordCalls);
    });
  }

  dispose(): void {
    this.forgetVariables();
    for (const { recorder } of this.relayed) recorder.dispose();
    this.owned.dispose();
  }

  private async begin({ recorder, variable, address }: Relayed): Promise<void> {
    const link = await recorder.start();
    this.context.environmentVariableCollection.replace(variable, address(link));
    this.log.info(`API calls are recorded: ${variable} of new terminals names ${link}`);
  }

  private async entries(): Promise<readonly RecordedEntry[]> {
    return inOrder(await Promise.all(this.relayed.map(({ recorder }) => recorder.entries())));
  }

  private forgetVariables(): void {
    for (const { variable } of this.relayed) this.context.environmentVariableCollection.delete(variable);
  }

  private show(): void {
    const on = this.isRecording;
    setContextKey('recording', on);
    if (on) this.item.show();
    else this.item.hide();
    this.document.update();
  }

  private async agreed(): Promise<boolean> {
    if (this.context.globalState.get<unknown>(AGREED) === true) return true;
    const start = vscode.l10n.t('Start Recording');
    const detail = [
      vscode.l10n.t(
        'While it is on, relays stand between docker commands and the engine, and between ctr or nerdctl and a containerd that you may use. This is what they add:',
      ),
      vscode.l10n.t('• a process of its own for each, which passes every byte on unchanged and keeps copies;'),
      vscode.l10n.t('• a socket for each, in a private folder that only you can open;'),
      vscode.l10n.t(
        '• DOCKER_HOST and CONTAINERD_ADDRESS in new terminals of this window: links that lead to the engine and to containerd again when the relay or VS Code ends;',
      ),
      vscode.l10n.t(
        '• for nerdctl, another folder: it keeps its own data (names, logs, networks) by the path of the socket that it uses.',
      ),
      vscode.l10n.t(
        'What is recorded stays on this machine, at most 40 MB for each workspace, until you clear it. It can hold secrets; they are masked when shown. Streams, archives and credentials of registries are counted, not kept. Containers and the engine are not changed.',
      ),
    ].join('\n');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Record the API calls of docker, ctr and nerdctl commands?'),
      { modal: true, detail },
      start,
    );
    if (answer !== start) return false;
    await this.context.globalState.update(AGREED, true);
    return true;
  }

  private async tellLost(variable: string, text: string): Promise<void> {
    this.context.environmentVariableCollection.delete(variable);
    this.log.warn(`A relay has ended by itself: ${variable} of new terminals is no longer set.`);
    // The other one may still record: only when none does can recording begin again.
    const again = vscode.l10n.t('Record Again');
    const answer = await vscode.window.showWarningMessage(text, ...(this.isRecording ? [] : [again]));
    if (answer === again) await vscode.commands.executeCommand(COMMANDS.recordCalls);
  }
}

/** Entries of several recordings, oldest first. */
function inOrder<T extends { readonly at: string }>(recordings: readonly (readonly T[])[]): readonly T[] {
  return recordings.flat().sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Where the socket may be made: what is ours first, then what has shorter paths. */
function socketFolders(context: vscode.ExtensionContext): string[] {
  const runtimeDir = process.env.XDG_RUNTIME_DIR;
  return [
    vscode.Uri.joinPath(context.globalStorageUri, 'relay').fsPath,
    ...(runtimeDir ? [path.join(runtimeDir, 'container-runtime-explorer')] : []),
    path.join(homedir(), '.local/state/container-runtime-explorer'),
  ];
}
