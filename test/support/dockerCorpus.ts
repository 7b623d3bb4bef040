/** One `docker create` of the corpus: options before the image, words after it. */
export interface CorpusLine {
  readonly options: readonly string[];
  /** `lab` is the plain image; `rich` has an entrypoint, variables, labels, volumes and a health check of its own. */
  readonly image?: 'lab' | 'rich';
  readonly command?: readonly string[];
}

/** What the rich image brings, as `docker commit --change` takes it. */
export const RICH_IMAGE_CHANGES: readonly string[] = [
  'ENTRYPOINT ["/bin/sh", "-c"]',
  'CMD ["echo from the image"]',
  'ENV FROM_IMAGE=yes MODE=image LAST=1',
  'LABEL kept=yes changed=image',
  'EXPOSE 8080/tcp',
  'VOLUME /var/data',
  'USER nobody',
  'WORKDIR /var/www',
  'HEALTHCHECK --interval=17s --timeout=5s --retries=4 CMD ["true"]',
];

/** Text that does harm wherever it is taken for code. `CANARY` stands for a file that must never come to be. */
export const HOSTILE_TEXTS: readonly string[] = [
  '$(touch CANARY)',
  '`touch CANARY`',
  '; touch CANARY ;',
  "'; touch CANARY; '",
  '"; touch CANARY; "',
  '\\"; touch CANARY; \\"',
  "\\'; touch CANARY; \\'",
  '\n touch CANARY\n',
  '\r\ntouch CANARY\r\n',
  '& touch CANARY &',
  '| touch CANARY',
  '> CANARY',
  '&& touch CANARY || touch CANARY',
  '\u001b[201~\ntouch CANARY\n',
  '\u202etouch CANARY\u202c',
  '\u001b]0;title\u0007\ttab\u007f\u009b31m',
  '!!; !touch',
  '* ? [a-z] ~ {a,b}',
  '%s%n %d \\033[0m \\n',
  'größer ≤ 漢字 😀',
  '#not a comment',
  '--privileged',
  '-v=/:/host',
  '\\',
  "'",
  '"',
  ' leading and trailing ',
  'ends with newline\n',
  '',
];

const line = (options: readonly string[], more: Omit<CorpusLine, 'options'> = {}): CorpusLine => ({ options, ...more });

/** @param places what only a lab knows: a folder of the machine, a container that exists already, a cgroup parent */
export function dockerCorpus(places: {
  readonly folder: string;
  readonly peer: string;
  readonly cgroupParent: string;
  readonly canary: string;
}): CorpusLine[] {
  const { folder, peer, cgroupParent, canary } = places;
  const hostile = HOSTILE_TEXTS.map((text) => text.replaceAll('CANARY', canary));
  return [
    line([]),
    line([], { command: ['echo', 'hello'] }),
    ...limits(cgroupParent),
    ...privileges(),
    ...storage(folder, peer),
    ...sharing(peer),
    ...processes(),
    ...imageForms(),
    // A value in every place that takes free text, and one in each word of a command.
    ...hostile.map((text) =>
      line([`--env=VALUE=${text}`, `--label=value=${text}`], { command: ['echo', text, 'end'] }),
    ),
    line([`--workdir=/${hostile[3] ?? ''}`, `--user=${hostile[0] ?? ''}`]),
    line([`--volume=${folder}:/$(touch ${canary})`, `--tmpfs=/'; touch ${canary}; '`]),
    line([`--mount=type=volume,"source=vol","target=/with,comma ""quote"" $(touch ${canary})"`]),
    line([`--health-cmd=echo "$(touch ${canary})" 'x'`]),
    line([`--entrypoint=$(touch ${canary})`], { command: ["'", '"'] }),
  ];
}

function limits(cgroupParent: string): CorpusLine[] {
  return [
    line(['--memory=64m']),
    line(['--memory=64m', '--memory-swap=96m']),
    line(['--memory=64m', '--memory-swap=64m']),
    line(['--memory=64m', '--memory-swap=-1']),
    line(['--memory=128m', '--memory-reservation=32m']),
    line(['--memory=64m', '--memory-swappiness=0']),
    line(['--memory=64m', '--memory-swappiness=60']),
    line(['--memory=64m', '--oom-kill-disable']),
    line(['--oom-score-adj=500']),
    line(['--oom-score-adj=-500']),
    line(['--cpus=0.5']),
    line(['--cpus=1.337']),
    line(['--cpu-shares=512']),
    line(['--cpu-quota=25000', '--cpu-period=50000']),
    line(['--cpuset-cpus=0', '--cpuset-mems=0']),
    line(['--pids-limit=20']),
    line(['--pids-limit=-1']),
    line(['--blkio-weight=300']),
    line(['--ulimit=nofile=512:1024', '--ulimit=core=0']),
    line(['--ulimit=nofile=4096', '--ulimit=memlock=-1:-1']),
    line(['--shm-size=32m']),
    line([`--cgroup-parent=${cgroupParent}/tenant`]),
    line(['--cgroupns=private']),
    line(['--cgroupns=host']),
  ];
}

function privileges(): CorpusLine[] {
  return [
    line(['--cap-add=NET_ADMIN']),
    line(['--cap-drop=ALL', '--cap-add=NET_BIND_SERVICE', '--cap-add=CHOWN']),
    line(['--cap-add=ALL']),
    line(['--privileged']),
    line(['--security-opt=no-new-privileges']),
    line(['--security-opt=seccomp=unconfined']),
    line(['--security-opt=apparmor=unconfined']),
    line(['--security-opt=systempaths=unconfined']),
    line(['--security-opt=label=disable', '--security-opt=no-new-privileges=true']),
    line(['--read-only']),
    line(['--user=65534:65534']),
    line(['--user=nobody', '--group-add=4242', '--group-add=nogroup']),
    line(['--device=/dev/null']),
    line(['--device=/dev/null:/dev/lab-null:r', '--device=/dev/zero:/dev/lab-zero']),
    line(['--device-cgroup-rule=c 1:3 rwm', '--device-cgroup-rule=b *:* r']),
    line(['--sysctl=net.ipv4.ip_unprivileged_port_start=80', '--sysctl=net.core.somaxconn=1024']),
  ];
}

function storage(folder: string, peer: string): CorpusLine[] {
  return [
    line([`--volume=${folder}:/shared`]),
    line([`--volume=${folder}:/shared:ro`, '--volume=corpus-volume:/data']),
    line([`--volume=${folder}:/shared:ro,rslave`]),
    line(['--volume=/anonymous']),
    line(['--volume=corpus-volume:/data:nocopy']),
    line([`--mount=type=bind,source=${folder},target=/shared`]),
    line([`--mount=type=bind,source=${folder},target=/shared,readonly,bind-propagation=rshared`]),
    line(['--mount=type=volume,source=corpus-volume,target=/data']),
    line(['--mount=type=volume,target=/anonymous,readonly']),
    line(['--mount=type=volume,source=corpus-labelled,target=/data,volume-nocopy,volume-label=a=b,volume-label=c=']),
    line([
      '--mount=type=volume,source=corpus-tmpfs,target=/d,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs',
    ]),
    line(['--mount=type=tmpfs,target=/scratch']),
    line(['--mount=type=tmpfs,target=/scratch,tmpfs-size=1048576,tmpfs-mode=1770']),
    line(['--tmpfs=/scratch']),
    line(['--tmpfs=/scratch:size=1m,noexec,mode=1777', '--tmpfs=/run']),
    line([`--volumes-from=${peer}:ro`]),
    line(['--volume-driver=local', '--volume=/anonymous']),
  ];
}

function sharing(peer: string): CorpusLine[] {
  return [
    line(['--network=none']),
    line(['--network=host']),
    line(['--network=host', '--hostname=given']),
    line([`--network=container:${peer}`]),
    line(['--ipc=host']),
    line(['--ipc=none']),
    line(['--ipc=shareable']),
    line(['--ipc=private']),
    line([`--ipc=container:${peer}`]),
    line(['--pid=host']),
    line([`--pid=container:${peer}`]),
    line(['--uts=host']),
    line(['--userns=host']),
    line(['--hostname=lab-host', '--domainname=example.test']),
    line(['--dns=192.0.2.53', '--dns=2001:db8::53', '--dns-search=example.test', '--dns-option=ndots:2']),
    line(['--add-host=db:192.0.2.1', '--add-host=six:2001:db8::1', '--add-host=gate:host-gateway']),
    line(['--expose=9000', '--expose=9001/udp']),
    line(['--publish=18080:80', '--publish=127.0.0.1:18081:81/udp']),
    line(['--publish=80', '--publish=127.0.0.1::82', '--publish=[::1]:18082:83']),
    line(['--publish=18090-18092:90-92', '--publish-all']),
    line(['--network=none', '--mac-address=02:42:ac:11:00:99']),
  ];
}

function processes(): CorpusLine[] {
  return [
    line(['--env=A=1', '--env=B=two words', '--env=EMPTY=', '--env=EQUALS=a=b=c']),
    line(['--env=PATH=/usr/sbin:/usr/bin:/sbin:/bin', '--env=A=1']),
    line(['--env=PATH=/somewhere/else']),
    line(['--label=a=b', '--label=empty', '--label=com.example/path.key-1=x=y']),
    line(['--label=__proto__=own key', '--label=constructor=own key']),
    line(['--restart=always']),
    line(['--restart=on-failure:5']),
    line(['--restart=unless-stopped']),
    line(['--rm']),
    line(['--init']),
    line(['--init=false']),
    line(['--tty', '--interactive']),
    line(['--interactive']),
    line(['--tty']),
    line(['--attach=stderr']),
    line(['--stop-signal=SIGINT', '--stop-timeout=3']),
    line(['--stop-timeout=0']),
    line(['--log-driver=none']),
    line(['--log-opt=max-size=1m', '--log-opt=max-file=3', '--log-opt=labels=a,b']),
    line(['--log-driver=local', '--log-opt=max-size=2m']),
    line(['--workdir=/var/www']),
    line(['--runtime=runc']),
    line(['--runtime=io.containerd.runc.v2']),
    line(['--health-cmd=echo ok', '--health-interval=1m30s', '--health-timeout=1500ms', '--health-retries=2']),
    line(['--health-cmd=exit 1', '--health-start-period=10s']),
    line(['--no-healthcheck']),
    line(['--annotation=org.example.note=text with spaces']),
    line([], { command: ['sh', '-c', 'echo "$HOME" && exit 3'] }),
  ];
}

/** What the image brings, kept, changed and taken away. */
function imageForms(): CorpusLine[] {
  const rich = (options: readonly string[], command: readonly string[] = []): CorpusLine =>
    line(options, { image: 'rich', command });
  return [
    rich([]),
    rich([], ['echo of my own']),
    rich(['--entrypoint=/bin/echo']),
    rich(['--entrypoint=/bin/echo'], ['echo from the image']),
    rich(['--entrypoint=/bin/sh'], ['-c', 'echo from the image']),
    rich(['--entrypoint='], ['/bin/true']),
    rich(['--env=MODE=own', '--env=NEW=1']),
    rich(['--env=FROM_IMAGE=yes', '--env=NEW=1']),
    rich(['--env=NEW=1', '--env=MODE=image']),
    rich(['--label=changed=own', '--label=new=1']),
    rich(['--expose=9090']),
    rich(['--publish=18443:8080']),
    rich(['--volume=/var/more']),
    rich(['--volume=corpus-volume:/var/data']),
    rich(['--user=root', '--workdir=/']),
    rich(['--stop-signal=SIGKILL']),
    rich(['--health-interval=30s']),
    rich(['--health-cmd=true', '--health-retries=9']),
    rich(['--no-healthcheck']),
    rich(['--hostname=rich', '--read-only', '--init', '--memory=32m', '--restart=always']),
    line(['--entrypoint=/bin/sh'], { command: ['-c', 'true'] }),
    line(['--entrypoint=/bin/sh']),
    line(['--entrypoint='], { command: ['true'] }),
  ];
}
