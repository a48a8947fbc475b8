DROP TABLE usage_grants;
DROP TABLE fleet_presence;
DROP TABLE fleet_rates;
