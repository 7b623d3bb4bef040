// Brings the packages that building and testing need onto a fresh machine: npm's, and as root on Debian the system's.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT, envForNestedNpm, run } from './run.mjs';

/** What the lab and the headless VS Code stand on. */
const SYSTEM_PACKAGES = [
  ...['docker.io', 'containerd', 'runc', 'busybox-static', 'iproute2', 'iptables', 'procps'],
  ...['podman', 'crun', 'conmon'],
  // Makes the other generations of the stack.
  'mmdebstrap',
  // Certificates of the tests that speak TLS.
  'openssl',
  // A host behind ssh: a server of the tests' own, on a port of this machine.
  ...['openssh-server', 'openssh-client'],
  // The witness of what is opened.
  'strace',
  // The fonts draw Latin and Korean.
  ...['chromium', 'fonts-dejavu-core', 'fonts-nanum'],
  // Native modules of the served VS Code are compiled.
  ...['libkrb5-dev', 'pkg-config', 'make', 'g++', 'python3'],
];

/** Installs the npm packages when they are missing or not those of the lockfile. Throws when it cannot. */
export async function ensureNpmPackages() {
  const difference = npmDifference();
  if (!difference) return;
  console.log(`npm packages: ${difference}, installing`);
  for (let attempt = 1; ; attempt++) {
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
    const { code, output } = await run('npm', args, { quiet: true, env: envForNestedNpm() });
    if (code === 0) return;
    console.log(`npm ci failed (attempt ${attempt}):\n${output.slice(-2_000)}`);
    if (attempt === 3) throw new Error('the npm packages could not be installed');
    await sleep(5_000 * attempt);
  }
}

/** Why node_modules is not what the lockfile says; undefined when it is. */
function npmDifference() {
  const installedFile = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return 'not there';
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  for (const [path, { version, optional, peer }] of Object.entries(wanted)) {
    if (path === '') continue;
    // Optional ones are those of other platforms, mostly.
    if (installed[path]?.version !== version && !((optional || peer) && !installed[path])) return `${path} differs`;
    if (installed[path] && !existsSync(join(ROOT, path))) return `${path} is missing`;
  }
  return undefined;
}

/**
 * Installs the system's packages where that is possible.
 * @returns {Promise<string[]>} what is still missing, each as a sentence; empty when all is there.
 */
export async function ensureSystemPackages() {
  if (process.platform !== 'linux') return [`the lab needs Linux, this is ${process.platform}`];
  const isDebian = existsSync('/usr/bin/dpkg-query') && existsSync('/usr/bin/apt-get');
  if (!isDebian) return missingPrograms();
  const missing = await notInstalled(SYSTEM_PACKAGES);
  if (missing.length === 0) return [];
  if (process.getuid() !== 0) return missing.map((name) => `Debian package ${name} is missing, and only root installs`);

  console.log(`Debian packages: installing ${missing.join(' ')}`);
  await withoutServiceStarts(() => aptInstall(missing));
  return (await notInstalled(SYSTEM_PACKAGES)).map((name) => `Debian package ${name} could not be installed`);
}

function missingPrograms() {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return ['dockerd', 'docker', 'containerd', 'runc', 'busybox', 'podman', 'conmon', 'openssl', 'sshd', 'ssh']
    .filter((program) => !folders.some((folder) => existsSync(join(folder, program))))
    .map((program) => `program ${program} is missing`);
}

async function notInstalled(names) {
  const { output } = await run('dpkg-query', ['-W', '-f=${Package} ${Status}\n', ...names], { quiet: true });
  return names.filter((name) => !output.includes(`${name} install ok installed`));
}

async function aptInstall(names) {
  if (names.length === 0) return true;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another apt may be at work, and mirrors stumble.
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=5'];
  for (let attempt = 1; attempt <= 3; attempt++) {
    await run('apt-get', [...options, 'update'], { quiet: true, env });
    const args = [...options, 'install', '--yes', '--no-install-recommends', ...names];
    const { code, output } = await run('apt-get', args, { quiet: true, env });
    if (code === 0) return true;
    console.log(`apt-get install failed (attempt ${attempt}):\n${output.slice(-1_500)}`);
    await run('dpkg', ['--configure', '-a'], { quiet: true, env });
    await sleep(5_000 * attempt);
  }
  return false;
}

/** Debian starts the services it installs unless this file says no: tests must not start a machine-wide engine. */
async function withoutServiceStarts(action) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await action();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}
