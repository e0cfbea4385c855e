-- The tables of store/postgres, with the rights that replicas need and no others.
-- Everything can be run again. To be run as the owner of the database; the role
-- zcrm, by which replicas log in, must exist.
CREATE TABLE IF NOT EXISTS oauthtoken (
  id            varchar(10)  COLLATE "C" NOT NULL PRIMARY KEY,
  user_name     varchar(255) COLLATE "C",
  client_id     varchar(255) COLLATE "C",
  client_secret varchar(255) COLLATE "C",
  refresh_token varchar(255) COLLATE "C",
  access_token  varchar(255) COLLATE "C",
  grant_token   varchar(255) COLLATE "C",
  expiry_time   varchar(20)  COLLATE "C",
  redirect_url  varchar(255) COLLATE "C",
  api_domain    varchar(255) COLLATE "C"
);
CREATE INDEX IF NOT EXISTS oauthtoken_zcrm_user_name ON oauthtoken (user_name);
CREATE INDEX IF NOT EXISTS oauthtoken_zcrm_grant_token ON oauthtoken (grant_token);
CREATE INDEX IF NOT EXISTS oauthtoken_zcrm_refresh_token ON oauthtoken (refresh_token);
CREATE INDEX IF NOT EXISTS oauthtoken_zcrm_access_token ON oauthtoken (access_token);
CREATE TABLE IF NOT EXISTS oauthtoken_zcrm (
  side_key     varchar(64)  COLLATE "C" NOT NULL PRIMARY KEY,
  row_id       varchar(255) COLLATE "C",
  scope        text         COLLATE "C",
  accounts_url text         COLLATE "C",
  created_at   bigint,
  updated_at   bigint,
  last_used_at bigint,
  check_at     bigint,
  highest_id   bigint,
  changes      bigint,
  standing     text         COLLATE "C"
);
CREATE INDEX IF NOT EXISTS oauthtoken_zcrm_check_at ON oauthtoken_zcrm (check_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON oauthtoken, oauthtoken_zcrm TO zcrm;
