/** The part of `@redis/client` that is used. Its own types describe every command of Redis, which takes the compiler seconds. */

declare module '@redis/client' {
  interface ClientOptions {
    readonly url: string
    readonly disableOfflineQueue: boolean
    readonly socket: { readonly connectTimeout: number; readonly reconnectStrategy: (retries: number) => number }
  }
  interface Client {
    on(event: 'error', listener: (error: Error) => void): void
    connect(): Promise<unknown>
    eval(script: string, options: { readonly keys: readonly string[]; readonly arguments: readonly string[] }): Promise<unknown>
    destroy(): void
  }
  export function createClient(options: ClientOptions): Client
}
