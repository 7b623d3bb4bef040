import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { currentEngineSocket } from '../adapters/recording/engineSocket';
import { CallRecorder } from '../adapters/recording/recorder';
import { COMMANDS } from '../contributions';
import type { RecordedCall } from '../model/recording/recordedCall';
import { Disposables } from '../util/disposables';
import { setContextKey } from '../host/contextKeys';
import type { Log } from '../host/log';
import { RecordingDocument } from '../host/recordingDocument';
import { readSettings } from '../host/settings';

/** Where it is remembered, on this machine, that the user knows what recording adds. */
const AGREED = 'recording.agreed';

/** Recording, as VS Code shows it: the status bar item, DOCKER_HOST of new terminals, and the document of all calls. */
export class Recording implements vscode.Disposable {
  private readonly owned = new Disposables();
  private readonly recorder: CallRecorder;
  private readonly document: RecordingDocument;
  private readonly item: vscode.StatusBarItem;

  /** Reads nothing yet, but has links repaired soon that a crash may have left. */
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: Log,
  ) {
    const storage = context.storageUri ?? context.globalStorageUri;
    this.recorder = new CallRecorder(
      {
        socketFolders: socketFolders(context),
        name: createHash('sha256').update(storage.toString()).digest('hex').slice(0, 8),
        recordings: vscode.Uri.joinPath(storage, 'recordings').fsPath,
        builtFolder: vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath,
        engineSocket: () =>
          currentEngineSocket({ env: process.env, home: homedir(), settings: readSettings().dockerEndpoints }),
      },
      () => void this.tellLost(),
    );
    this.document = this.owned.add(new RecordingDocument(() => this.recorder.entries()));
    this.item = this.owned.add(
      vscode.window.createStatusBarItem('containerRuntime.recording', vscode.StatusBarAlignment.Left),
    );
    this.item.name = vscode.l10n.t('Recording of API Calls');
    this.item.text = vscode.l10n.t('$(record) Recording API calls');
    this.item.tooltip = vscode.l10n.t(
      'API calls of docker commands in new terminals are recorded. Click to show them; “Stop Recording” ends it.',
    );
    this.item.command = COMMANDS.showRecordedCalls;
    // What VS Code keeps of it would outlive the recording; the link in terminals that exist stays valid anyway.
    context.environmentVariableCollection.persistent = false;
    this.owned.add(this.recorder.onDidChange(() => this.show()));
    const soon = setImmediate(() => {
      void this.recorder.recover().catch((error: unknown) => log.failure(error, 'Reading the recorded calls'));
    });
    this.owned.add({ dispose: () => clearImmediate(soon) });
  }

  /** What was recorded of containers, oldest first. */
  get calls(): readonly RecordedCall[] {
    return this.recorder.calls;
  }

  get isRecording(): boolean {
    return this.recorder.isRecording;
  }

  /** Reads now what was recorded last. */
  async look(): Promise<void> {
    await this.recorder.look();
  }

  /** Says what recording adds, unless the user knows it, and begins. */
  async start(): Promise<void> {
    if (this.recorder.isRecording || !(await this.agreed())) return;
    const link = await this.recorder.start();
    const { environmentVariableCollection: variables } = this.context;
    variables.description = vscode.l10n.t('Records the API calls of docker commands.');
    variables.replace('DOCKER_HOST', `unix://${link}`);
    this.show();
    this.log.info(`API calls are recorded: new terminals use ${link}`);
  }

  async stop(): Promise<void> {
    this.context.environmentVariableCollection.delete('DOCKER_HOST');
    await this.recorder.stop();
  }

  async clear(): Promise<void> {
    await this.recorder.clear();
  }

  /** Opens everything that was recorded; offers to record when there is nothing. */
  async open(): Promise<void> {
    if (this.recorder.isRecording || (await this.recorder.entries()).length > 0) return this.document.open();
    const record = vscode.l10n.t('Record API Calls');
    const text = vscode.l10n.t('No API calls were recorded in this workspace.');
    // Not awaited: the command is over, however long its message stays on the screen.
    void vscode.window.showInformationMessage(text, record).then(async (answer) => {
      if (answer === record) await vscode.commands.executeCommand(COMMANDS.recordCalls);
    });
  }

  dispose(): void {
    this.context.environmentVariableCollection.delete('DOCKER_HOST');
    this.recorder.dispose();
    this.owned.dispose();
  }

  private show(): void {
    const on = this.recorder.isRecording;
    setContextKey('recording', on);
    if (on) this.item.show();
    else this.item.hide();
    this.document.update();
  }

  private async agreed(): Promise<boolean> {
    if (this.context.globalState.get<unknown>(AGREED) === true) return true;
    const start = vscode.l10n.t('Start Recording');
    const detail = [
      vscode.l10n.t('While it is on, a relay stands between docker commands and the engine. This is what it adds:'),
      vscode.l10n.t('• a process of its own, which passes every byte on unchanged and keeps copies;'),
      vscode.l10n.t('• a socket, in a private folder that only you can open;'),
      vscode.l10n.t(
        '• DOCKER_HOST in new terminals of this window: a link that leads to the engine again when the relay or VS Code ends.',
      ),
      vscode.l10n.t(
        'What is recorded stays on this machine, at most 20 MB for each workspace, until you clear it. It can hold secrets; they are masked when shown. Streams, archives and credentials of registries are counted, not kept. Containers and the engine are not changed.',
      ),
    ].join('\n');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Record the API calls of docker commands?'),
      { modal: true, detail },
      start,
    );
    if (answer !== start) return false;
    await this.context.globalState.update(AGREED, true);
    return true;
  }

  private async tellLost(): Promise<void> {
    this.context.environmentVariableCollection.delete('DOCKER_HOST');
    this.log.warn('The relay has ended by itself; nothing more is recorded.');
    const again = vscode.l10n.t('Record Again');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('The relay that recorded API calls has ended. Docker commands reach the engine directly again.'),
      again,
    );
    if (answer === again) await vscode.commands.executeCommand(COMMANDS.recordCalls);
  }
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
