/** Examples for the proxy in front of the instances: nginx and HAProxy. */

import { LIMITS } from '../../base/limits.ts'
import { hasFiles } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import type { DeliveredFile } from '../files/delivered-file.ts'
import { type Deployed, PORT } from './deployed.ts'

/** Seconds after which a proxy gives an answer up: longer than any request of the backend. */
const ANSWER_SECONDS = 75

/** The files. Names of hosts and certificates are for the team to change. */
export function proxyFiles({ model }: Deployed): readonly DeliveredFile[] {
  return [
    { path: `deploy/proxy/nginx/${model.name}.conf`, content: nginx(model) },
    { path: 'deploy/proxy/haproxy/haproxy.cfg', content: haproxy(model) },
  ]
}

/** The most bytes of a body, in megabytes: of a file, or of JSON. */
function mostMegabytes(model: Model): number {
  const files = model.entities.flatMap(({ fields }) => fields.flatMap(({ type }) => (type.kind === 'file' ? [type.max] : [])))
  return Math.ceil(Math.max(LIMITS.bodyBytes, ...files) / 1024 ** 2) + 1
}

function nginx(model: Model): string {
  const { name } = model
  const upstream = name.replaceAll('-', '_')
  return `# ${name} behind nginx. Set TRUSTED_PROXIES of the backend to the address of this proxy, or all callers share one rate limit.
upstream ${upstream} {
    least_conn;
    server 127.0.0.1:${PORT} max_fails=1 fail_timeout=5s;
    keepalive 64;
}

server {
    listen 80;
    server_name ${name}.example.com;
    return 301 https://$host$request_uri;
}

server {
    listen 443 ssl http2;
    server_name ${name}.example.com;
    ssl_certificate /etc/ssl/${name}.pem;
    ssl_certificate_key /etc/ssl/private/${name}.key;
    ssl_protocols TLSv1.2 TLSv1.3;

    client_max_body_size ${mostMegabytes(model)}m;
    server_tokens off;

    location / {
        proxy_pass http://${upstream};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_read_timeout ${ANSWER_SECONDS}s;
${hasFiles(model) ? '        # Files go on as they arrive, and are not kept on the disk of the proxy.\n        proxy_request_buffering off;\n        proxy_buffering off;\n' : ''}        # Another instance gets only what was not sent yet: writes without an Idempotency-Key are not repeated.
        proxy_next_upstream error timeout;
        proxy_next_upstream_tries 2;
    }
}
`
}

function haproxy({ name }: Model): string {
  return `# ${name} behind HAProxy. Set TRUSTED_PROXIES of the backend to the address of this proxy, or all callers share one rate limit.
global
    log stdout format raw local0
    maxconn 10000

defaults
    log global
    mode http
    timeout connect 3s
    timeout client ${ANSWER_SECONDS}s
    timeout server ${ANSWER_SECONDS}s
    timeout http-keep-alive 60s
    option httplog

frontend ${name}
    bind :80
    bind :443 ssl crt /etc/ssl/${name}.pem alpn h2,http/1.1 ssl-min-ver TLSv1.2
    http-request redirect scheme https unless { ssl_fc }
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto https
    default_backend ${name}-instances

backend ${name}-instances
    balance leastconn
    # An instance that stops, starts or lacks its database gets no requests.
    option httpchk GET /health/ready
    http-check expect status 200
    default-server check inter 2s fall 1 rise 1
    server one 127.0.0.1:${PORT}
`
}
