/* up_plan.h -- what `nevod up` will start: where, on which ports. */
#ifndef CLI_UP_UP_PLAN_H
#define CLI_UP_UP_PLAN_H

#include <limits.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/options/options.h"
#include "cli/options/places.h"
#include "http/url.h"
#include "service/service.h"

enum up_service { UP_GENOME, UP_EVOLUTIONER, UP_BROKER, UP_SERVICES };

/* "genome", "evolutioner", "broker". */
const char *up_service_name(enum up_service s);

#define UP_URL_BYTES HTTP_URL_BYTES

struct up_plan {
	char data_dir[PATH_MAX]; /* absolute */
	int64_t slots;
	int ports[UP_SERVICES];
	char broker_bind[ADDRESS_BYTES];      /* 127.0.0.1, as the others' */
	char urls[UP_SERVICES][UP_URL_BYTES]; /* from this machine */
	const char *token_file;               /* or NULL */
	/* All three serve https with it, and trust it; or NULL. */
	const char *tls_cert, *tls_key, *tls_client_ca, *ca_file;
	enum log_format log_format;
	const char *allow_hosts[SERVICE_HOSTS_MAX]; /* the broker's */
	size_t n_allow_hosts;
};

/* Fills the plan from the options of options_up, of services that speak HTTP;
 * a port may still be 0.  ERR_INVALID when two services have the same port. */
int up_plan_read(const struct options *o, struct up_plan *p, struct err *e);

/* Where this machine reaches the broker. */
const char *up_plan_broker_host(const struct up_plan *p);

/* Chooses a free port for each that is 0 and checks that the others are free.
 * ERR_CONFLICT names the port that is taken and the option to change it. */
int up_plan_ports(struct up_plan *p, struct err *e);

#endif
