/** The machine this process runs on, as the rules for outgoing requests see it. */
import { networkInterfaces } from 'node:os'

/**
 * The addresses of this machine, IPv4 and IPv6. Throws an Error of one line where the system does not tell them: then no
 * request may go out, since one to ourselves could not be told from others.
 */
export function machineAddresses(read: typeof networkInterfaces = networkInterfaces): string[] {
  try {
    return Object.values(read()).flatMap((found) => (found ?? []).map(({ address }) => address))
  } catch (error) {
    throw new Error(
      'The addresses of this machine cannot be read, and without them no request may go out; let the process open netlink sockets (AF_NETLINK in RestrictAddressFamilies of a systemd unit).',
      { cause: error },
    )
  }
}
