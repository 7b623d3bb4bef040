import { asArray, asRecord, asString, asStringMap, asStrings, memberAt, type UnknownRecord } from '../../util/records';
import { configRest, hostRest } from './createDefaults';

/** `POST /containers/create` as it must have been, told apart by who asked for what. */
export interface CreateRequest {
  readonly name: string | undefined;
  /** What the user asked for: Config at the top level, HostConfig, NetworkingConfig. */
  readonly body: UnknownRecord;
  /** What the image and the daemon have filled in: the same shape. */
  readonly defaults: UnknownRecord;
  /** Fields of which nobody can tell any more who set them, each as a sentence. */
  readonly undecidable: readonly string[];
}

/** What the daemon that made the container fills in by itself; all from `GET /info`. */
export interface DaemonDefaults {
  readonly runtime: string | undefined;
  readonly loggingDriver: string | undefined;
  /** "1" or "2". */
  readonly cgroupVersion: string | undefined;
  /** The name of the engine's machine. */
  readonly hostName: string | undefined;
}

export function daemonDefaults(info: unknown): DaemonDefaults {
  return {
    runtime: asString(memberAt(info, 'DefaultRuntime')),
    loggingDriver: asString(memberAt(info, 'LoggingDriver')),
    cgroupVersion: asString(memberAt(info, 'CgroupVersion')),
    hostName: asString(memberAt(info, 'Name')),
  };
}

/**
 * Rebuilds the create request from the container's record: the record minus what the image's config brings, minus what
 * the daemon fills in. Source of the rules: moby daemon/{create,commit,daemon_unix}.go, container_routes.go.
 *
 * @param record `docker inspect` of the container
 * @param image `docker image inspect` of its image; undefined when it is gone: then nothing can be subtracted
 */
export function rebuildCreateRequest(
  record: unknown,
  image: unknown,
  daemon: DaemonDefaults,
): CreateRequest | undefined {
  const config = asRecord(memberAt(record, 'Config'));
  const host = asRecord(memberAt(record, 'HostConfig'));
  if (!config || !host) return undefined;
  const imageConfig = asRecord(memberAt(image, 'Config')) ?? {};
  const context = { id: asString(memberAt(record, 'Id')) ?? '', config, host, imageConfig, daemon };
  const own = configRest(context);
  const ownHost = hostRest(context);
  const networks = networking(record, host);
  const body = {
    ...own.asked,
    // Every client sends it, and engines fill in less (no runtime) where it is missing.
    HostConfig: ownHost.asked,
    ...(networks ? { NetworkingConfig: { EndpointsConfig: networks } } : {}),
  };
  return {
    name: asString(memberAt(record, 'Name'))?.replace(/^\//, ''),
    body,
    defaults: { ...own.filled, HostConfig: ownHost.filled },
    undecidable: undecidable(image, config, imageConfig),
  };
}

/** Settings of networks that the user chose; networks as the daemon joins them by itself say nothing. */
function networking(record: unknown, host: UnknownRecord): UnknownRecord | undefined {
  const mode = asString(host.NetworkMode) ?? 'default';
  const networks = Object.entries(asRecord(memberAt(record, 'NetworkSettings', 'Networks')) ?? {});
  const id = asString(memberAt(record, 'Id')) ?? '';
  const asked = networks.flatMap(([name, value]): [string, unknown][] => {
    const endpoint = asRecord(value) ?? {};
    const aliases = asStrings(endpoint.Aliases).filter((alias) => alias !== id.slice(0, 12));
    const settings = {
      ...(asRecord(endpoint.IPAMConfig) && Object.keys(asRecord(endpoint.IPAMConfig) ?? {}).length > 0
        ? { IPAMConfig: endpoint.IPAMConfig }
        : {}),
      ...(aliases.length > 0 ? { Aliases: aliases } : {}),
      ...(asArray(endpoint.Links).length > 0 ? { Links: endpoint.Links } : {}),
      ...(asStringMap(endpoint.DriverOpts).size > 0 ? { DriverOpts: endpoint.DriverOpts } : {}),
    };
    // The network of the mode itself is joined without being asked for here.
    return Object.keys(settings).length > 0 || !isImplied(name, mode) ? [[name, settings]] : [];
  });
  return asked.length > 0 ? Object.fromEntries(asked) : undefined;
}

function isImplied(name: string, mode: string): boolean {
  return name === mode || (mode === 'default' && name === 'bridge') || mode.startsWith('container:');
}

function undecidable(image: unknown, config: UnknownRecord, imageConfig: UnknownRecord): string[] {
  const notes: string[] = [];
  if (image === undefined) {
    notes.push(
      'The image could not be asked, so what it brought (environment, command, labels, volumes) is shown as if it had been asked for.',
    );
  }
  const same = asStrings(config.Env).filter((entry) => asStrings(imageConfig.Env).includes(entry));
  if (same.length > 0)
    notes.push('Variables that equal the image’s may have been asked for as well: the record cannot tell.');
  notes.push('The platform, the version of the API that was used and the credentials are not kept in the record.');
  return notes;
}
