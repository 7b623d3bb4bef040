import type * as vscode from 'vscode';
import { asStrings } from '../util/records';

const KEY = 'kubernetes.allowedCredentialPrograms';
/** Old ones fall out: kubeconfigs change, and a permission nobody uses is only a risk. */
const MOST = 100;

/** The credential programs of kubeconfigs that the user has allowed, by fingerprint. The fingerprint names the machine too. */
export class CredentialPrograms {
  constructor(private readonly memory: vscode.Memento) {}

  isAllowed(fingerprint: string): boolean {
    return this.all().includes(fingerprint);
  }

  async allow(fingerprint: string): Promise<void> {
    await this.memory.update(KEY, [...this.all().filter((one) => one !== fingerprint), fingerprint].slice(-MOST));
  }

  /** Forgets all of them; returns how many there were. */
  async forget(): Promise<number> {
    const { length } = this.all();
    await this.memory.update(KEY, undefined);
    return length;
  }

  private all(): readonly string[] {
    return asStrings(this.memory.get<unknown>(KEY));
  }
}
