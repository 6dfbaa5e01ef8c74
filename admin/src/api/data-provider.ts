import type { DataProvider, GetListParams, RaRecord } from 'react-admin';
import { call, withQuery } from './call.ts';

interface Page {
  data: RaRecord[];
}

/** What the server offers for reading; nothing here changes anything. */
export const dataProvider = {
  getList: async (resource: string, params: GetListParams) => {
    const query = { ...params.filter, ...pageOf(params) };
    const [page, { total }] = await Promise.all([
      call<Page>('GET', withQuery(`/${resource}`, query)),
      call<{ total: number }>('GET', withQuery(`/${resource}/count`, params.filter)),
    ]);
    return { data: page.data, total };
  },
  getOne: async (resource: string, { id }: { id: RaRecord['id'] }) => {
    // There is one dashboard.
    if (resource === 'dashboard') return { data: { ...(await call<object>('GET', '/dashboard')), id } };
    return { data: await call<RaRecord>('GET', `/${resource}/${id}`) };
  },
  getMany: async (resource: string, { ids }: { ids: RaRecord['id'][] }) => ({
    data: await Promise.all(ids.map((id) => call<RaRecord>('GET', `/${resource}/${id}`))),
  }),
  getManyReference: refuse,
  create: refuse,
  update: refuse,
  updateMany: refuse,
  delete: refuse,
  deleteMany: refuse,
} as DataProvider;

/** Logs are sorted by time alone. */
function pageOf({ pagination, sort }: GetListParams) {
  const { field = 'id', order = 'ASC' } = sort ?? {};
  const { page = 1, perPage = 25 } = pagination ?? {};
  return { page, perPage, order: order.toLowerCase(), ...(field !== 'id' && { sort: field }) };
}

/** Changes go through plans, which are no records. */
async function refuse(resource: string): Promise<never> {
  throw new Error(`The admin does not change ${resource} this way.`);
}
