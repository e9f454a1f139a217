// The name that an account can be given beside its number: one at most. What deletes whole accounts asks for it first.
import type {
  CreateAccountAliasRequest,
  DeleteAccountAliasRequest,
  ListAccountAliasesResponse,
} from '@aws-sdk/client-iam';
import type { Context } from '../handler.ts';
import { invalid, noSuchEntity } from './entity-rules.ts';

const constraint = 'Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$';

/** A second one takes the place of the first. @throws AwsError `ValidationError` */
export function CreateAccountAlias({ world }: Context, { AccountAlias = '' }: CreateAccountAliasRequest): object {
  if (!/^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$/.test(AccountAlias))
    throw invalid(AccountAlias, 'accountAlias', constraint);
  world.accountAliases[world.account] = { alias: AccountAlias };
  return {};
}

/** @throws AwsError `NoSuchEntity` for any but the account's own. */
export function DeleteAccountAlias({ world }: Context, { AccountAlias = '' }: DeleteAccountAliasRequest): object {
  if (world.accountAliases[world.account]?.alias !== AccountAlias)
    throw noSuchEntity(`The account alias with name ${AccountAlias} cannot be found.`);
  delete world.accountAliases[world.account];
  return {};
}

export function ListAccountAliases({ world }: Context): ListAccountAliasesResponse {
  return { AccountAliases: Object.values(world.accountAliases).map(({ alias }) => alias), IsTruncated: false };
}
