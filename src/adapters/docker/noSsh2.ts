/**
 * What the bundles have in place of ssh2. docker-modem loads that library to reach engines over ssh, which is done here by the
 * user's own ssh (ssh.ts), with their keys, agent and configuration: a fifth of the bundle would be for nothing.
 */
export const Client = undefined;
