import { RuntimeError } from '../../model/problem';
import type { Method, UnixChannel } from '../grpc/channel';
import type { Fields, MessageOf, MessageType } from '../grpc/message';
import * as messages from './messages';

const DETAIL_MS = 3_000;
const LIST_MS = 10_000;

/** The versions of CRI, newest first. Source: kubernetes/cri-api; v1alpha2 left containerd with 2.0 and CRI-O with 1.26. */
export const CRI_VERSIONS = ['v1', 'v1alpha2'] as const;
export type CriVersion = (typeof CRI_VERSIONS)[number];

/**
 * The questions we ask a CRI runtime: all of them only read. GetContainerEvents is not among them on purpose: on
 * containerd 1.7 every subscriber takes events away from the kubelet.
 */
export class CriClient {
  constructor(
    private readonly channel: UnixChannel,
    readonly criVersion: CriVersion,
    private readonly signal?: AbortSignal,
  ) {}

  /** A client for the newest version that the server speaks. @throws RuntimeError `unsupported` when it speaks no CRI */
  static async negotiate(
    channel: UnixChannel,
    signal?: AbortSignal,
  ): Promise<{ client: CriClient; version: MessageOf<typeof messages.VersionResponse.fields> }> {
    let refusal: unknown;
    for (const criVersion of CRI_VERSIONS) {
      const client = new CriClient(channel, criVersion, signal);
      try {
        return { client, version: await client.version() };
      } catch (error) {
        if (!(error instanceof RuntimeError) || error.problem.code !== 'unsupported') throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  version(): Promise<MessageOf<typeof messages.VersionResponse.fields>> {
    return this.call('Version', messages.Empty, messages.VersionResponse, {}, DETAIL_MS);
  }

  status(): Promise<MessageOf<typeof messages.StatusResponse.fields>> {
    return this.call('Status', messages.StatusRequest, messages.StatusResponse, { verbose: true }, DETAIL_MS);
  }

  async sandboxes(): Promise<readonly MessageOf<typeof messages.PodSandbox.fields>[]> {
    return (await this.call('ListPodSandbox', messages.Empty, messages.ListPodSandboxResponse, {}, LIST_MS)).items;
  }

  async containers(): Promise<readonly MessageOf<typeof messages.CriContainer.fields>[]> {
    return (await this.call('ListContainers', messages.Empty, messages.ListContainersResponse, {}, LIST_MS)).containers;
  }

  containerStatus(containerId: string): Promise<MessageOf<typeof messages.ContainerStatusResponse.fields>> {
    const request = { containerId, verbose: true };
    return this.call(
      'ContainerStatus',
      messages.ContainerStatusRequest,
      messages.ContainerStatusResponse,
      request,
      DETAIL_MS,
    );
  }

  sandboxStatus(podSandboxId: string): Promise<MessageOf<typeof messages.PodSandboxStatusResponse.fields>> {
    const request = { podSandboxId, verbose: true };
    return this.call(
      'PodSandboxStatus',
      messages.PodSandboxStatusRequest,
      messages.PodSandboxStatusResponse,
      request,
      DETAIL_MS,
    );
  }

  /** The full name of a method, for sources and errors. */
  methodName(name: string): string {
    return `runtime.${this.criVersion}.RuntimeService/${name}`;
  }

  private call<Q extends Fields, R extends Fields>(
    name: string,
    request: MessageType<Q>,
    response: MessageType<R>,
    value: Partial<MessageOf<Q>>,
    timeoutMs: number,
  ): Promise<MessageOf<R>> {
    const method: Method<Q, R> = { path: `/${this.methodName(name)}`, request, response };
    return this.channel.unary(method, value, { timeoutMs, signal: this.signal });
  }
}
