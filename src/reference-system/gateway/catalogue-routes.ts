/** Public routes of catalogue, search, home and live stock: what shoppers refresh. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { CatalogueService, InventoryService, SaleService } from '../services.ts';
import { sendProblem } from './problem.ts';
import { matchesTag, type Page, type PublicPages } from './public-pages.ts';
import * as schemas from './schemas.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
/** An edge cache may serve a page this long, and longer while it fetches a new one. */
const PAGE_CACHING = 'public, max-age=5, stale-while-revalidate=30';
const NO_CACHING = 'no-store';

export function catalogueRoutes(
  server: FastifyInstance,
  shop: {
    readonly pages: PublicPages;
    readonly catalogue: CatalogueService;
    readonly inventory: InventoryService;
    readonly sale: SaleService;
  },
): void {
  const tags = ['catalogue'] as const;
  server.get('/api/home', {
    schema: {
      operationId: 'home',
      summary: 'Featured products and the announced sale',
      tags,
      response: { 200: schemas.home },
    },
    handler: (request, reply) => {
      sendPage(reply, shop.pages.home(), request.headers['if-none-match']);
    },
  });

  server.get<{ Querystring: { q?: string; limit?: string } }>('/api/search', {
    schema: {
      operationId: 'search',
      summary: 'Products whose title or category has every word of the query',
      tags,
      querystring: schemas.searchQuery,
      response: { 200: schemas.searchResult, 400: schemas.problem },
    },
    handler: (request, reply) => {
      const { q = '', limit } = request.query;
      const body = shop.pages.search(q, limit === undefined ? undefined : Number(limit));
      reply.header('content-type', JSON_TYPE).header('cache-control', PAGE_CACHING).send(body);
    },
  });

  server.get<{ Params: { sku: string } }>('/api/products/:sku', {
    schema: {
      operationId: 'product',
      summary: 'One product; conditional by ETag',
      tags,
      params: schemas.skuParams,
      response: {
        200: schemas.product,
        304: { type: 'null' },
        404: schemas.problem,
      },
    },
    handler: (request, reply) => {
      const page = shop.pages.product(request.params.sku);
      if (page === undefined) sendProblem(reply, 404, 'not_found');
      else sendPage(reply, page, request.headers['if-none-match']);
    },
  });

  server.get<{ Params: { sku: string } }>('/api/inventory/:sku', {
    schema: {
      operationId: 'stock',
      summary: 'Units free to be bought, and the state of the sale for this SKU',
      tags: ['inventory'],
      params: schemas.skuParams,
      response: { 200: schemas.stock, 404: schemas.problem },
    },
    handler: async (request, reply) => {
      const { sku } = request.params;
      const available = await shop.inventory.stockOf(sku);
      if (available === undefined) return sendProblem(reply, 404, 'not_found');
      reply.header('cache-control', NO_CACHING);
      return { sku, available, sale: shop.sale.stateOf(sku) };
    },
  });
}

function sendPage(reply: FastifyReply, page: Page, ifNoneMatch: string | undefined): void {
  reply.header('etag', page.etag).header('cache-control', PAGE_CACHING);
  if (matchesTag(ifNoneMatch, page.etag)) reply.code(304).send();
  else reply.header('content-type', JSON_TYPE).send(page.body);
}
