/** Answers every request with the same post, after reading its body: no routing, no token, no database. */

import { createServer } from 'node:http'

const post = JSON.stringify({
  id: '018d5c1e-0000-7abc-8def-0123456789ab',
  title: 'Post 1 of many',
  body: 'Lorem ipsum dolor sit amet 0123456789abcdef0123456789abcdef. '.repeat(7),
  tags: ['tag1', 'topic1'],
  published: true,
  author: '018cc251-f7e8-724c-89e1-5e52afc47c22',
  createdAt: '2024-01-31T00:00:00.000Z',
  updatedAt: '2024-01-31T00:00:00.000Z',
  version: 1,
})
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(post) }

createServer((request, response) => {
  const answer = () => response.writeHead(200, headers).end(post)
  if (request.method === 'GET') return answer()
  request.resume().on('end', answer)
}).listen(Number(process.env.PORT), process.env.HOST)
