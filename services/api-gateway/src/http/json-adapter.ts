import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Response } from 'express';

const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

/**
 * Writes what a controller returns. For nearly every answer, an object that becomes JSON, all that
 * Express would find out about it is known beforehand; every other one is left to Express.
 */
export class JsonAdapter extends ExpressAdapter {
  override reply(response: Response, body: unknown, statusCode = response.statusCode): unknown {
    const isPlain = statusCode >= 200 && statusCode <= 202 && !response.hasHeader('Content-Type');
    if (!isPlain || !isJsonObject(body)) return super.reply(response, body, statusCode);
    response.statusCode = statusCode;
    const text = JSON.stringify(body);
    response.setHeader('Content-Type', JSON_CONTENT_TYPE);
    response.setHeader('Content-Length', Buffer.byteLength(text));
    return response.end(text);
  }
}

function isJsonObject(body: unknown): body is object {
  if (typeof body !== 'object' || body === null) return false;
  return !(body instanceof StreamableFile || body instanceof Error || ArrayBuffer.isView(body));
}
