// A target mapping with one of everything, for tests to change a part of.
import type {
  OperationMapping,
  RequestTemplate,
  TargetMapping,
} from '../../src/contract/target-mapping.ts';

export function request(line: string, more: Partial<RequestTemplate> = {}): RequestTemplate {
  const [method, path] = line.split(' ') as [RequestTemplate['method'], string];
  return { method, path, headers: {}, ...more };
}

export function step(line: string, more: Partial<OperationMapping> = {}): OperationMapping {
  return { request: request(line), extract: {}, outcomes: [], ...more };
}

export function sampleMapping(more: Partial<TargetMapping> = {}): TargetMapping {
  return {
    name: 'sample',
    baseUrl: 'http://127.0.0.1:1',
    headers: { accept: 'application/json' },
    setup: [],
    session: [],
    operations: {},
    skip: [],
    products: { kind: 'list', skus: ['sku-0', 'a/b?c#"é'] },
    users: null,
    ledger: {},
    probes: 'none',
    serverDeadlineMs: 5000,
    ...more,
  };
}
