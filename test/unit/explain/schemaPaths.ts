/**
 * Every field of the JSON schema that the OCI publishes for config.json, of the parts that hold for Linux. `0` stands for an
 * index; the last ones are members of maps with free keys. Source: opencontainers/runtime-spec, schema/config-schema.json and
 * what it refers to, of April 2026 (1.3).
 */
export const SCHEMA_PATHS: readonly string[] = `
  ociVersion hooks hooks.prestart hooks.prestart.0 hooks.prestart.0.path hooks.prestart.0.args hooks.prestart.0.args.0
  hooks.prestart.0.env hooks.prestart.0.env.0 hooks.prestart.0.timeout hooks.createRuntime hooks.createRuntime.0
  hooks.createRuntime.0.path hooks.createRuntime.0.args hooks.createRuntime.0.args.0 hooks.createRuntime.0.env
  hooks.createRuntime.0.env.0 hooks.createRuntime.0.timeout hooks.createContainer hooks.createContainer.0
  hooks.createContainer.0.path hooks.createContainer.0.args hooks.createContainer.0.args.0 hooks.createContainer.0.env
  hooks.createContainer.0.env.0 hooks.createContainer.0.timeout hooks.startContainer hooks.startContainer.0
  hooks.startContainer.0.path hooks.startContainer.0.args hooks.startContainer.0.args.0 hooks.startContainer.0.env
  hooks.startContainer.0.env.0 hooks.startContainer.0.timeout hooks.poststart hooks.poststart.0 hooks.poststart.0.path
  hooks.poststart.0.args hooks.poststart.0.args.0 hooks.poststart.0.env hooks.poststart.0.env.0
  hooks.poststart.0.timeout hooks.poststop hooks.poststop.0 hooks.poststop.0.path hooks.poststop.0.args
  hooks.poststop.0.args.0 hooks.poststop.0.env hooks.poststop.0.env.0 hooks.poststop.0.timeout annotations hostname
  domainname mounts mounts.0 mounts.0.source mounts.0.destination mounts.0.options mounts.0.options.0 mounts.0.type
  mounts.0.uidMappings mounts.0.uidMappings.0 mounts.0.uidMappings.0.containerID mounts.0.uidMappings.0.hostID
  mounts.0.uidMappings.0.size mounts.0.gidMappings mounts.0.gidMappings.0 mounts.0.gidMappings.0.containerID
  mounts.0.gidMappings.0.hostID mounts.0.gidMappings.0.size root root.path root.readonly process process.args
  process.args.0 process.consoleSize process.consoleSize.height process.consoleSize.width process.cwd process.env
  process.env.0 process.terminal process.user process.user.uid process.user.gid process.user.umask
  process.user.additionalGids process.user.additionalGids.0 process.capabilities process.capabilities.bounding
  process.capabilities.bounding.0 process.capabilities.permitted process.capabilities.permitted.0
  process.capabilities.effective process.capabilities.effective.0 process.capabilities.inheritable
  process.capabilities.inheritable.0 process.capabilities.ambient process.capabilities.ambient.0
  process.apparmorProfile process.oomScoreAdj process.selinuxLabel process.ioPriority process.ioPriority.class
  process.ioPriority.priority process.noNewPrivileges process.scheduler process.scheduler.policy
  process.scheduler.nice process.scheduler.priority process.scheduler.flags process.scheduler.flags.0
  process.scheduler.runtime process.scheduler.deadline process.scheduler.period process.rlimits process.rlimits.0
  process.rlimits.0.hard process.rlimits.0.soft process.rlimits.0.type process.execCPUAffinity
  process.execCPUAffinity.initial process.execCPUAffinity.final linux linux.devices linux.devices.0
  linux.devices.0.type linux.devices.0.path linux.devices.0.fileMode linux.devices.0.major linux.devices.0.minor
  linux.devices.0.uid linux.devices.0.gid linux.netDevices linux.uidMappings linux.uidMappings.0
  linux.uidMappings.0.containerID linux.uidMappings.0.hostID linux.uidMappings.0.size linux.gidMappings
  linux.gidMappings.0 linux.gidMappings.0.containerID linux.gidMappings.0.hostID linux.gidMappings.0.size
  linux.namespaces linux.namespaces.0 linux.namespaces.0.type linux.namespaces.0.path linux.resources
  linux.resources.unified linux.resources.devices linux.resources.devices.0 linux.resources.devices.0.allow
  linux.resources.devices.0.type linux.resources.devices.0.major linux.resources.devices.0.minor
  linux.resources.devices.0.access linux.resources.pids linux.resources.pids.limit linux.resources.blockIO
  linux.resources.blockIO.weight linux.resources.blockIO.leafWeight linux.resources.blockIO.throttleReadBpsDevice
  linux.resources.blockIO.throttleReadBpsDevice.0 linux.resources.blockIO.throttleReadBpsDevice.0.major
  linux.resources.blockIO.throttleReadBpsDevice.0.minor linux.resources.blockIO.throttleReadBpsDevice.0.rate
  linux.resources.blockIO.throttleWriteBpsDevice linux.resources.blockIO.throttleWriteBpsDevice.0
  linux.resources.blockIO.throttleWriteBpsDevice.0.major linux.resources.blockIO.throttleWriteBpsDevice.0.minor
  linux.resources.blockIO.throttleWriteBpsDevice.0.rate linux.resources.blockIO.throttleReadIOPSDevice
  linux.resources.blockIO.throttleReadIOPSDevice.0 linux.resources.blockIO.throttleReadIOPSDevice.0.major
  linux.resources.blockIO.throttleReadIOPSDevice.0.minor linux.resources.blockIO.throttleReadIOPSDevice.0.rate
  linux.resources.blockIO.throttleWriteIOPSDevice linux.resources.blockIO.throttleWriteIOPSDevice.0
  linux.resources.blockIO.throttleWriteIOPSDevice.0.major linux.resources.blockIO.throttleWriteIOPSDevice.0.minor
  linux.resources.blockIO.throttleWriteIOPSDevice.0.rate linux.resources.blockIO.weightDevice
  linux.resources.blockIO.weightDevice.0 linux.resources.blockIO.weightDevice.0.major
  linux.resources.blockIO.weightDevice.0.minor linux.resources.blockIO.weightDevice.0.weight
  linux.resources.blockIO.weightDevice.0.leafWeight linux.resources.cpu linux.resources.cpu.cpus
  linux.resources.cpu.mems linux.resources.cpu.period linux.resources.cpu.quota linux.resources.cpu.burst
  linux.resources.cpu.realtimePeriod linux.resources.cpu.realtimeRuntime linux.resources.cpu.shares
  linux.resources.cpu.idle linux.resources.hugepageLimits linux.resources.hugepageLimits.0
  linux.resources.hugepageLimits.0.pageSize linux.resources.hugepageLimits.0.limit linux.resources.memory
  linux.resources.memory.kernel linux.resources.memory.kernelTCP linux.resources.memory.limit
  linux.resources.memory.reservation linux.resources.memory.swap linux.resources.memory.swappiness
  linux.resources.memory.disableOOMKiller linux.resources.memory.useHierarchy linux.resources.memory.checkBeforeUpdate
  linux.resources.network linux.resources.network.classID linux.resources.network.priorities
  linux.resources.network.priorities.0 linux.resources.network.priorities.0.name
  linux.resources.network.priorities.0.priority linux.resources.rdma linux.cgroupsPath linux.rootfsPropagation
  linux.seccomp linux.seccomp.defaultAction linux.seccomp.defaultErrnoRet linux.seccomp.flags linux.seccomp.flags.0
  linux.seccomp.listenerPath linux.seccomp.listenerMetadata linux.seccomp.architectures linux.seccomp.architectures.0
  linux.seccomp.syscalls linux.seccomp.syscalls.0 linux.seccomp.syscalls.0.names linux.seccomp.syscalls.0.names.0
  linux.seccomp.syscalls.0.action linux.seccomp.syscalls.0.errnoRet linux.seccomp.syscalls.0.args
  linux.seccomp.syscalls.0.args.0 linux.seccomp.syscalls.0.args.0.index linux.seccomp.syscalls.0.args.0.value
  linux.seccomp.syscalls.0.args.0.valueTwo linux.seccomp.syscalls.0.args.0.op linux.sysctl linux.maskedPaths
  linux.maskedPaths.0 linux.readonlyPaths linux.readonlyPaths.0 linux.mountLabel linux.intelRdt linux.intelRdt.closID
  linux.intelRdt.schemata linux.intelRdt.schemata.0 linux.intelRdt.l3CacheSchema linux.intelRdt.memBwSchema
  linux.intelRdt.enableMonitoring linux.memoryPolicy linux.memoryPolicy.mode linux.memoryPolicy.nodes
  linux.memoryPolicy.flags linux.memoryPolicy.flags.0 linux.personality linux.personality.domain
  linux.personality.flags linux.personality.flags.0 linux.timeOffsets linux.timeOffsets.boottime
  linux.timeOffsets.boottime.secs linux.timeOffsets.boottime.nanosecs linux.timeOffsets.monotonic
  linux.timeOffsets.monotonic.secs linux.timeOffsets.monotonic.nanosecs annotations.key linux.sysctl.key
  linux.resources.unified.key linux.netDevices.eth0 linux.netDevices.eth0.name linux.resources.rdma.mlx5
  linux.resources.rdma.mlx5.hcaHandles linux.resources.rdma.mlx5.hcaObjects
`
  .trim()
  .split(/\s+/);
