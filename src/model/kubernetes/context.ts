import type { Problem } from '../problem';

/** How a context proves who asks. Source: the user entry of a kubeconfig. */
export type KubeAuth =
  | { readonly kind: 'certificate' | 'token' | 'token-file' | 'password' | 'none' }
  /** A program prints the credentials (client.authentication.k8s.io). `allowed`: the user said yes to this very line here. */
  | {
      readonly kind: 'exec';
      /** As the kubeconfig has it, so it may hold secrets. */
      readonly argv: readonly string[];
      /** Names of the variables that the kubeconfig adds; their values may be secrets. */
      readonly envNames: readonly string[];
      /** Stands for this program with these arguments for this server on this machine: any change asks anew. */
      readonly fingerprint: string;
      readonly allowed: boolean;
    }
  /** The predecessor of exec, by its name: gcp, azure, oidc. Never run. */
  | { readonly kind: 'auth-provider'; readonly name: string };

/** A context of a kubeconfig, as the tree shows it: no secret in it. */
export interface KubeContext {
  /** Unique over all kubeconfig files: kubectl takes the first of a name. */
  readonly name: string;
  readonly cluster: string;
  readonly user?: string;
  /** The namespace that kubectl uses when none is named. */
  readonly namespace?: string;
  /** The API server's URL, without user and password. */
  readonly server?: string;
  /** The file that defines the context. */
  readonly file: string;
  readonly auth: KubeAuth;
  readonly current: boolean;
  /** True where the server's certificate is not checked (insecure-skip-tls-verify). */
  readonly insecure: boolean;
  /** Why this context cannot be asked as it is, and what would help; absent when it can. */
  readonly obstacle?: Problem;
}

/** The auth in words: "client certificate", "program aws". */
export function authWords(auth: KubeAuth): string {
  switch (auth.kind) {
    case 'certificate':
      return 'client certificate';
    case 'token':
      return 'token';
    case 'token-file':
      return 'token from a file';
    case 'password':
      return 'user name and password';
    case 'none':
      return 'none: the server sees an anonymous user';
    case 'exec':
      return `program ${auth.argv[0] ?? ''}`;
    case 'auth-provider':
      return `auth provider ${auth.name}`;
  }
}
