-- What the SQLite sample store of Zoho's Python SDK 8.0 leaves behind after two
-- logins, with made-up users and secrets.
CREATE TABLE oauthtoken (id varchar(10) NOT NULL,user_name varchar(255), client_id varchar(255), client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255), primary key (id));
INSERT INTO oauthtoken VALUES ('1', 'user1@example.com:700000001', '1000.CLIENT1', 'sec', '1000.refresh1.0123456789abcdef', '1000.access1.0123456789abcdef', NULL, '1795308985119', 'https://example.com/cb', 'https://www.zohoapis.com');
INSERT INTO oauthtoken VALUES ('2', 'user2@example.com:700000002', '1000.CLIENT2', 'sec', '1000.refresh2.0123456789abcdef', '1000.access2.0123456789abcdef', NULL, '1795308985119', 'https://example.com/cb', 'https://www.zohoapis.com');
