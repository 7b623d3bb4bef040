/** What is said of one call. */
export interface CallText {
  readonly meaning: string;
  readonly consequence?: string;
  /** The operation's name in the Engine API reference. */
  readonly operation?: string;
}

/** Endpoints of the Docker Engine API: method, and the path without version and query. */
export const ENGINE_ENDPOINTS: readonly (readonly [method: RegExp, path: RegExp, text: CallText])[] = [
  [
    /^(?:HEAD|GET)$/,
    /^\/_ping$/,
    {
      meaning:
        'Asks whether the engine is there. The answer’s headers tell its highest API version, and the client picks the lower of both.',
      operation: 'System/operation/SystemPing',
    },
  ],
  [
    /^GET$/,
    /^\/version$/,
    { meaning: 'Asks for the versions of the engine and its parts.', operation: 'System/operation/SystemVersion' },
  ],
  [
    /^GET$/,
    /^\/info$/,
    {
      meaning: 'Asks for the engine’s settings: runtimes, cgroup driver, storage driver and more.',
      operation: 'System/operation/SystemInfo',
    },
  ],
  [
    /^GET$/,
    /^\/events$/,
    { meaning: 'Opens a stream of what happens from now on.', operation: 'System/operation/SystemEvents' },
  ],
  [/^GET$/, /^\/containers\/json$/, { meaning: 'Lists containers.', operation: 'Container/operation/ContainerList' }],
  [
    /^POST$/,
    /^\/containers\/create$/,
    {
      meaning:
        'Makes the container’s record and its writable layer. Nothing runs yet, and containerd does not know of it.',
      consequence:
        'The body holds the settings: what it leaves out comes from the image or from the engine’s defaults.',
      operation: 'Container/operation/ContainerCreate',
    },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/start$/,
    {
      meaning:
        'Starts the container: dockerd mounts its files, sets up its network, writes the OCI spec and asks containerd for a task.',
      operation: 'Container/operation/ContainerStart',
    },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/stop$/,
    {
      meaning: 'Sends the stop signal, waits, and sends SIGKILL when the time (t) is over.',
      operation: 'Container/operation/ContainerStop',
    },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/kill$/,
    { meaning: 'Sends a signal to the first process.', operation: 'Container/operation/ContainerKill' },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/restart$/,
    {
      meaning: 'Stops the container and starts it again: with a new task, new namespaces and a new cgroup.',
      operation: 'Container/operation/ContainerRestart',
    },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/pause$/,
    { meaning: 'Freezes all its processes by the cgroup freezer.', operation: 'Container/operation/ContainerPause' },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/unpause$/,
    { meaning: 'Lets its processes go on.', operation: 'Container/operation/ContainerUnpause' },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/update$/,
    {
      meaning: 'Changes limits while it runs: the cgroup files are rewritten, config.json is not.',
      operation: 'Container/operation/ContainerUpdate',
    },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/rename$/,
    {
      meaning: 'Gives it another name. Only the engine knows names.',
      operation: 'Container/operation/ContainerRename',
    },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/attach$/,
    {
      meaning:
        'Connects to its input and output; the HTTP connection becomes a plain stream (101 Switching Protocols).',
      operation: 'Container/operation/ContainerAttach',
    },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/wait$/,
    {
      meaning:
        'Waits for its end and then answers with the exit code. The command line keeps this open while it shows output.',
      operation: 'Container/operation/ContainerWait',
    },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/resize$/,
    { meaning: 'Tells its terminal the size of the window.', operation: 'Container/operation/ContainerResize' },
  ],
  [
    /^POST$/,
    /^\/containers\/[^/]+\/exec$/,
    {
      meaning: 'Prepares another process in the container. It starts with a second call.',
      operation: 'Exec/operation/ContainerExec',
    },
  ],
  [
    /^POST$/,
    /^\/exec\/[^/]+\/start$/,
    {
      meaning: 'Starts a prepared process inside the container’s namespaces and cgroup.',
      operation: 'Exec/operation/ExecStart',
    },
  ],
  [
    /^GET$/,
    /^\/exec\/[^/]+\/json$/,
    { meaning: 'Asks how an added process does, and for its exit code.', operation: 'Exec/operation/ExecInspect' },
  ],
  [
    /^GET$/,
    /^\/containers\/[^/]+\/json$/,
    {
      meaning: 'Asks for everything that the engine knows of the container (docker inspect).',
      operation: 'Container/operation/ContainerInspect',
    },
  ],
  [
    /^GET$/,
    /^\/containers\/[^/]+\/top$/,
    {
      meaning: 'Runs ps on the engine’s side for the container’s processes.',
      operation: 'Container/operation/ContainerTop',
    },
  ],
  [
    /^GET$/,
    /^\/containers\/[^/]+\/logs$/,
    { meaning: 'Reads its output from the log driver.', operation: 'Container/operation/ContainerLogs' },
  ],
  [
    /^GET$/,
    /^\/containers\/[^/]+\/stats$/,
    { meaning: 'Reads what it uses, from the cgroup files.', operation: 'Container/operation/ContainerStats' },
  ],
  [
    /^(?:GET|HEAD|PUT)$/,
    /^\/containers\/[^/]+\/archive$/,
    {
      meaning: 'Copies files out of the container or into it, as a tar archive.',
      operation: 'Container/operation/ContainerArchive',
    },
  ],
  [
    /^DELETE$/,
    /^\/containers\/[^/]+$/,
    { meaning: 'Removes its record and its writable layer.', operation: 'Container/operation/ContainerDelete' },
  ],
  [
    /^POST$/,
    /^\/images\/create$/,
    {
      meaning: 'Pulls an image. The client does so when create answered 404.',
      operation: 'Image/operation/ImageCreate',
    },
  ],
  [
    /^GET$/,
    /^\/images\/.+\/json$/,
    { meaning: 'Asks for everything that the engine knows of an image.', operation: 'Image/operation/ImageInspect' },
  ],
  [
    /^POST$/,
    /^\/networks\/[^/]+\/connect$/,
    { meaning: 'Connects the container to a further network.', operation: 'Network/operation/NetworkConnect' },
  ],
  [/^POST$/, /^\/volumes\/create$/, { meaning: 'Makes a volume.', operation: 'Volume/operation/VolumeCreate' }],
];
