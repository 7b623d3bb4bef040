/*
 * Environment variables that runtimes and common programs know. Values are never repeated here: they may be secret.
 */

const KNOWN: Readonly<Record<string, string>> = {
  PATH: 'Folders in which programs are searched, in this order. It comes from the image, or from the engine’s default.',
  HOME: 'The user’s home folder. When nobody sets it, the runtime takes it from the container’s /etc/passwd.',
  HOSTNAME: 'The container’s host name: by default the first 12 digits of its id. Docker adds it.',
  TERM: 'The kind of terminal; the engine sets it to xterm when a terminal was asked for.',
  container: 'Says that this is a container, and of which kind; systemd and Podman use it.',
  LANG: 'Language and character set.',
  LC_ALL: 'Language and character set, above all other such settings.',
  TZ: 'Time zone.',
  USER: 'The user’s name.',
  SHELL: 'The user’s shell.',
  PWD: 'The working folder, as a shell keeps it.',
  LD_PRELOAD: 'Libraries that are loaded into every program before its own.',
  LD_LIBRARY_PATH: 'Folders in which libraries are searched first.',
  DEBIAN_FRONTEND: 'How Debian’s package tools ask questions.',
  PYTHONUNBUFFERED: 'Python writes its output at once, so that logs are not late.',
  NODE_ENV: 'Node.js programs: production or development.',
  JAVA_OPTS: 'Options for Java programs, by custom.',
  JAVA_TOOL_OPTIONS: 'Options that every Java machine takes.',
  GOMEMLIMIT: 'Go: the memory that its collector tries to stay below.',
  GOMAXPROCS: 'Go: how many CPUs it uses at once.',
  HTTP_PROXY: 'Proxy for HTTP.',
  HTTPS_PROXY: 'Proxy for HTTPS.',
  NO_PROXY: 'Hosts that are reached without a proxy.',
  DOCKER_HOST: 'Where docker commands inside the container connect to.',
  KUBERNETES_SERVICE_HOST: 'Kubernetes: the address of its API server.',
  KUBERNETES_SERVICE_PORT: 'Kubernetes: the port of its API server.',
  LISTEN_FDS: 'Socket activation: how many open sockets the process was given.',
  NOTIFY_SOCKET: 'Where the process tells systemd that it is ready.',
};

/** An entry `NAME=value` taken apart at the first equals sign. */
export function splitEntry(entry: string): { readonly name: string; readonly value: string | undefined } {
  const equals = entry.indexOf('=');
  return equals < 0
    ? { name: entry, value: undefined }
    : { name: entry.slice(0, equals), value: entry.slice(equals + 1) };
}

/** What a variable is for, by its name; undefined when only the program knows. */
export function variableInWords(name: string): string | undefined {
  if (Object.hasOwn(KNOWN, name)) return KNOWN[name];
  if (Object.hasOwn(KNOWN, name.toUpperCase()) && /_proxy$/i.test(name)) return KNOWN[name.toUpperCase()];
  if (/_SERVICE_(?:HOST|PORT)$/.test(name))
    return 'Kubernetes: the address or port of a service of this pod’s namespace.';
  return undefined;
}
