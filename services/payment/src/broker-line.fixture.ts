import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line to the broker that can be cut: whoever is connected through it loses the broker. */
export class BrokerLine {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(private readonly target: URL) {
    this.server = createServer((socket) => this.join(socket));
  }

  static async to(url: string): Promise<BrokerLine> {
    const line = new BrokerLine(new URL(url));
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    const through = new URL(this.target);
    through.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return through.href;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(socket: Socket): void {
    if (this.isCut) {
      socket.destroy();
      return;
    }
    const beyond = connect(Number(this.target.port || '5672'), this.target.hostname);
    for (const end of [socket, beyond]) {
      this.sockets.add(end);
      const other = end === socket ? beyond : socket;
      // A socket that dies takes its other end with it; how it died is of no interest.
      end.on('error', () => other.destroy());
      end.on('close', () => {
        this.sockets.delete(end);
        other.destroy();
      });
    }
    socket.pipe(beyond).pipe(socket);
  }
}
