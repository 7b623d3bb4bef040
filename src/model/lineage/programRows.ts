import { asArray, asBoolean, asString, asStringMap, asStrings, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';
import { isKnown, unknown, valueOf } from '../fact';
import { maskArgs, maskEnvEntry } from '../secrets';
import {
  enforcedReading,
  isSandboxConfig,
  placeInList,
  requestedValue,
  requestOf,
  specified,
  specifiedValue,
  type Column,
  type RequestFact,
  type Sources,
} from './columns';
import type { Setting } from './judge';
import { isPodman, valuesInCommand } from './podmanCommand';
import { handlesSignal } from './privilegeRows';
import { signalNameOf, signalNumberOf } from './signalNumbers';
import type { Origin, RequestedValue } from './row';
import { originOf, requestedNothing } from './userRows';

/** The program: command, folder, terminal, stop signal, names and kernel settings. */
export function programSettings(sources: Sources): readonly Setting[] {
  return [
    command(sources),
    workingFolder(sources),
    terminal(sources),
    stopSignal(sources),
    ...names(sources),
    ...sysctls(sources),
  ];
}

function words(value: unknown): string | undefined {
  const list = asStrings(value);
  return list.length > 0 ? JSON.stringify(list) : undefined;
}

function command(sources: Sources): Setting {
  const record = requestOf(sources);
  const show = (canonical: string): string => {
    const list = asStrings(JSON.parse(canonical));
    return shellLine(sources.reveal ? list : maskArgs(list));
  };
  return {
    setting: 'Command',
    group: 'Program',
    requested: isKnown(record) ? requestedCommand(sources, record, show) : { fact: record },
    specified: specified(sources, 'process.args', words, show),
    enforced: enforcedReading(sources.readings?.commandLine, (list) => show(JSON.stringify(list)), words, show),
    accepts: (wanted, now) => {
      // A script is run by its interpreter, which the kernel puts before it; an init of --init likewise.
      const [asked, running] = [asStrings(JSON.parse(wanted)), asStrings(JSON.parse(now ?? '[]'))];
      const tail = running.slice(-asked.length);
      return running.length > asked.length &&
        tail.length === asked.length &&
        tail.every((word, index) => word === asked[index])
        ? {
            verdict: 'in-force',
            why: 'The command that was asked for runs, with an interpreter or an init program before it.',
          }
        : undefined;
    },
    same: (a, b) => {
      const [asked, written] = [asStrings(JSON.parse(a)), asStrings(JSON.parse(b))];
      return JSON.stringify(written.slice(-asked.length)) === JSON.stringify(asked);
    },
    explains: () => 'The program has replaced itself by another one (exec), or changed the title it shows.',
  };
}

function requestedCommand(
  sources: Sources,
  record: Parameters<typeof requestedValue>[0] & { readonly cri?: boolean },
  show: (canonical: string) => string,
): Column<RequestedValue> {
  if (record.cri) {
    const list = [...asStrings(memberAt(record.value, 'command')), ...asStrings(memberAt(record.value, 'args'))];
    const column = requestedValue(record, 'command, args', words(list), { show });
    // Without a command of its own the image's entrypoint stands before the arguments.
    return asStrings(memberAt(record.value, 'command')).length > 0 ? column : { fact: column.fact };
  }
  const list = [asString(memberAt(record.value, 'Path')) ?? '', ...asStrings(memberAt(record.value, 'Args'))].filter(
    (word, index) => index > 0 || word !== '',
  );
  const config = memberAt(record.value, 'Config');
  const [entrypoint, cmd] = [memberAt(config, 'Entrypoint'), memberAt(config, 'Cmd')];
  const image =
    asArray(cmd).length > 0 || asArray(entrypoint).length > 0
      ? [
          ...(asArray(entrypoint).length > 0 ? [originOf(sources, 'Entrypoint', entrypoint)] : []),
          ...(asArray(cmd).length > 0 ? [originOf(sources, 'Cmd', cmd)] : []),
        ]
      : [];
  const origin: Origin = image.length > 0 && image.every((one) => one === 'image') ? 'image' : 'request';
  return requestedValue(record, 'Config.Entrypoint, Cmd', words(list), { show, origin });
}

function workingFolder(sources: Sources): Setting {
  const record = requestOf(sources);
  const folder = (value: unknown): string => asString(value) || '/';
  const path = isKnown(record) && record.cri ? 'working_dir' : 'Config.WorkingDir';
  const asked = isKnown(record) ? asString(memberAt(record.value, ...path.split('.'))) : undefined;
  return {
    setting: 'Working folder',
    group: 'Program',
    requested: isKnown(record)
      ? requestedValue(record, path, folder(asked), {
          origin: asked ? originOf(sources, 'WorkingDir', asked) : 'engine',
        })
      : { fact: record },
    specified: specified(sources, 'process.cwd', folder),
    enforced: enforcedReading(
      sources.readings?.workingFolder,
      (text) => text,
      (text) => text,
    ),
    explains: () => 'The program has changed its folder since it started, or the path leads through a symbolic link.',
  };
}

function terminal(sources: Sources): Setting {
  const has = (value: unknown): string => (asBoolean(value) === true ? 'a terminal' : 'none');
  const record = requestOf(sources);
  const path = isKnown(record) && record.cri ? 'tty' : 'Config.Tty';
  const asked = isKnown(record) ? memberAt(record.value, ...path.split('.')) : undefined;
  return {
    setting: 'Terminal',
    group: 'Program',
    requested: isKnown(record)
      ? requestedValue(record, path, has(asked), { origin: asked === true ? 'request' : 'engine' })
      : { fact: record },
    specified: specified(sources, 'process.terminal', has),
    enforced: enforcedReading(sources.readings?.terminal, (is) => `tty_nr ${is ? 'is set' : 'is 0'}`, has),
    explains: (wanted) =>
      wanted === 'none' ? 'The process opened a terminal itself.' : 'The process gave its terminal up, as daemons do.',
  };
}

function stopSignal(sources: Sources): Setting {
  const record = requestOf(sources);
  const said = isKnown(record) ? memberAt(record.value, 'Config', 'StopSignal') : undefined;
  // Podman up to 5.2 tells the number.
  const asked = asString(said) ?? (typeof said === 'number' ? signalNameOf(said) : undefined);
  const name = asked || 'SIGTERM';
  const number = signalNumberOf(name);
  const status = sources.readings?.status;
  const config = sources.facts.ociConfig;
  const isFirst = isKnown(status)
    ? status.value.namespacePids.length > 1 && status.value.namespacePids.at(-1) === 1
    : false;
  return {
    setting: 'Stop signal',
    group: 'Program',
    requested:
      isKnown(record) && !record.cri
        ? requestedValue(record, 'Config.StopSignal', 'handled', {
            show: () => name,
            origin: asked ? originOf(sources, 'StopSignal', asked) : 'engine',
          })
        : requestedNothing(sources, 'StopSignal', 'The CRI has no field for it: the image says it.'),
    specified: isKnown(config)
      ? {
          fact: {
            ...specifiedValue(config, '(none)', undefined, undefined, []).fact,
            note: 'The OCI spec has no field for it: the engine remembers it and sends it.',
          },
        }
      : { fact: config },
    enforced:
      number === undefined
        ? { fact: unknown(`${name} is no signal that is known here.`, 'See: kill -l', 'procfs') }
        : enforcedReading(
            status,
            ({ signalsCaught, signalsIgnored }) => `SigCgt: ${signalsCaught}, SigIgn: ${signalsIgnored}`,
            (reading) => {
              const how = handlesSignal(reading, number);
              if (number === 9 || how === 'handles') return 'handled';
              return how === 'ignores' ? 'ignored' : isFirst ? 'dropped' : 'handled';
            },
            (how) =>
              ({
                handled: `${name} ends it or is handled by it`,
                ignored: `the process ignores ${name}`,
                dropped: `PID 1 without a handler: the kernel drops ${name}`,
              })[how] ?? how,
          ),
    unsetWhy: 'Nobody asked for another signal: the image’s, or the engine’s default, is sent.',
    accepts: (_, now) =>
      now === 'ignored' || now === 'dropped'
        ? {
            verdict: 'not-enforced',
            why: 'docker stop waits its whole time and then kills: the first process of a PID namespace only gets signals for which it has a handler. docker run --init helps.',
          }
        : undefined,
  };
}

function names(sources: Sources): readonly Setting[] {
  const text = (value: unknown): string | undefined => asString(value) || undefined;
  const record = requestOf(sources);
  const id = isKnown(record) ? (asString(memberAt(record.value, 'Id')) ?? '') : '';
  return [
    ['Host name', 'Hostname', 'hostname', 'hostname'] as const,
    ['Domain name', 'Domainname', 'domainname', 'domainname'] as const,
  ].map(([setting, member, field, program]): Setting => {
    const path = isSandboxConfig(record) && member === 'Hostname' ? 'hostname' : `Config.${member}`;
    const value = isKnown(record) ? text(memberAt(record.value, ...path.split('.'))) : undefined;
    return {
      setting,
      group: 'Program',
      requested: isKnown(record)
        ? requestedValue(record, path, value, {
            origin: value !== undefined && id.startsWith(value) ? 'engine' : 'request',
          })
        : { fact: record },
      specified: specified(sources, field, text),
      enforced: enterColumn(sources, 'u', program, 'the UTS namespace'),
    };
  });
}

function sysctls(sources: Sources): readonly Setting[] {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const { askedAt, asked } = requestedSysctls(record);
  const written = asStringMap(isKnown(config) ? memberAt(config.value, 'linux', 'sysctl') : undefined);
  return [...new Set([...asked.keys(), ...written.keys()])].map((key): Setting => ({
    setting: key,
    group: 'Program',
    requested: isKnown(record) ? requestedValue(record, askedAt, asked.get(key)) : { fact: record },
    specified: isKnown(config)
      ? specifiedValue(config, `linux.sysctl["${key}"]`, written.get(key), undefined, [['linux', 'sysctl', key]])
      : { fact: config },
    enforced: enterColumn(
      sources,
      key.startsWith('net.') ? 'n' : 'i',
      shellLine(['sysctl', key]),
      key.startsWith('net.') ? 'the network namespace' : 'the IPC namespace',
    ),
  }));
}

/** By name, and in which field. Podman's record has none: the command that made the container tells them. */
function requestedSysctls(record: RequestFact): { askedAt: string; asked: ReadonlyMap<string, string> } {
  if (!isKnown(record)) return { askedAt: 'HostConfig.Sysctls', asked: new Map() };
  if (isPodman(record.value)) {
    const pairs = valuesInCommand(record.value, '--sysctl').map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    });
    return { askedAt: 'Config.CreateCommand', asked: new Map(pairs) };
  }
  const askedAt = isSandboxConfig(record) ? 'linux.sysctls' : 'HostConfig.Sysctls';
  return { askedAt, asked: asStringMap(memberAt(record.value, ...askedAt.split('.'))) };
}

/** What only a process inside a namespace can see: the explorer enters none. */
function enterColumn(sources: Sources, flag: string, program: string, where: string): Setting['enforced'] {
  const pid = valueOf(sources.facts.initPid);
  if (pid === undefined) return enforcedReading<string>(undefined, String, String);
  return {
    fact: unknown(
      `Only a process in ${where} sees it, and the explorer enters no namespace.`,
      `As root: nsenter -t ${pid} -${flag} ${program}`,
      'procfs',
    ),
  };
}

/** Each variable: what asked for it, what config.json says, and what the process was given. */
export function environmentSettings(sources: Sources): readonly Setting[] {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const asked = isKnown(record) ? requestedVariables(record.value, record.cri === true) : new Map<string, string>();
  const written = variables(asStrings(isKnown(config) ? memberAt(config.value, 'process', 'env') : undefined));
  const image = variables(asStrings(memberAt(valueOf(sources.facts.engineImage), 'Config', 'Env')));
  return [...new Set([...asked.keys(), ...written.keys()])].map((name): Setting => {
    const show = (value: string): string => {
      const entry = `${name}=${value}`;
      return (sources.reveal ? entry : maskEnvEntry(entry)).slice(name.length + 1) || '(empty)';
    };
    const value = asked.get(name);
    return {
      setting: name,
      group: 'Environment',
      requested: isKnown(record)
        ? value === undefined
          ? record.cri
            ? requestedNothing(sources, 'envs', 'The image brings it, or the runtime adds it.')
            : requestedNothing(sources, 'Config.Env', 'The engine adds it when the container starts.')
          : requestedValue(record, record.cri ? 'envs' : 'Config.Env', value, {
              show,
              origin: image.get(name) === value ? 'image' : 'request',
            })
        : { fact: record },
      specified: isKnown(config)
        ? specifiedValue(
            config,
            'process.env',
            written.get(name),
            show,
            placeInList(
              memberAt(config.value, 'process', 'env'),
              'process.env',
              (entry) => asString(entry)?.startsWith(`${name}=`) === true,
            ),
          )
        : { fact: config },
      enforced: enforcedReading(
        sources.readings?.environment,
        (entries) => {
          const now = variables(entries).get(name);
          return now === undefined ? '' : `${name}=${show(now)}`;
        },
        (entries) => variables(entries).get(name),
        show,
      ),
      explains: () =>
        'The program has replaced itself (exec) with another environment, or written over the place where the kernel reads it.',
    };
  });
}

/** The last entry of a name counts. */
function variables(entries: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap((entry): [string, string][] => {
      const equals = entry.indexOf('=');
      return equals > 0 ? [[entry.slice(0, equals), entry.slice(equals + 1)]] : [];
    }),
  );
}

function requestedVariables(record: unknown, cri: boolean): ReadonlyMap<string, string> {
  if (!cri) return variables(asStrings(memberAt(record, 'Config', 'Env')));
  return new Map(
    asArray(memberAt(record, 'envs')).flatMap((item): [string, string][] => {
      const [key, value] = [asString(memberAt(item, 'key')), asString(memberAt(item, 'value'))];
      return key === undefined ? [] : [[key, value ?? '']];
    }),
  );
}
