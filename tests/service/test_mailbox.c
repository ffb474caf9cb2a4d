/* test_mailbox.c -- mail arrives in order, orders are answered or refused. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "service/driver/mailbox.h"

static void put_result(struct mailbox *b, const char *body)
{
	mailbox_put(b, &(struct mail){.kind = MAIL_RESULT,
			       .result = {.document = json_string(body)}});
}

static void mail_arrives_in_order(void **state)
{
	struct mailbox b;
	struct mail m;

	(void)state;
	mailbox_init(&b);
	put_result(&b, "one");
	put_result(&b, "two");
	assert_true(mailbox_take(&b, 0, &m));
	assert_string_equal(json_string_value(m.result.document), "one");
	mail_release(&m);
	assert_true(mailbox_take(&b, 0, &m));
	assert_string_equal(json_string_value(m.result.document), "two");
	mail_release(&m);
	assert_false(mailbox_take(&b, 0, &m));
	mailbox_release(&b);
}

static void *order_two(void *box)
{
	mailbox_order(box, 2, 60000, NULL);
	return NULL;
}

/* A person is not kept by ten thousand results. */
static void an_order_comes_before_results(void **state)
{
	struct mailbox b;
	struct mail m;
	pthread_t t;

	(void)state;
	mailbox_init(&b);
	put_result(&b, "{}");
	put_result(&b, "{}");
	assert_int_equal(pthread_create(&t, NULL, order_two, &b), 0);
	while (!mailbox_has(&b, MAIL_ORDER))
		sched_yield();
	assert_int_equal(mailbox_take(&b, 0, &m), 1);
	assert_int_equal(m.kind, MAIL_ORDER);
	assert_int_equal(m.order, 2);
	mailbox_answer(&m, 0, NULL);
	mail_release(&m);
	pthread_join(t, NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mailbox_take(&b, 0, &m), 1);
		assert_int_equal(m.kind, MAIL_RESULT);
		mail_release(&m);
	}
	put_result(&b, "{}"); /* the end of the list is where it was */
	assert_int_equal(mailbox_take(&b, 0, &m), 1);
	mail_release(&m);
	assert_int_equal(mailbox_take(&b, 0, &m), 0);
	mailbox_release(&b);
}

static void nothing_is_taken_after_a_stop(void **state)
{
	struct mailbox b;
	struct mail m;

	(void)state;
	mailbox_init(&b);
	put_result(&b, "late");
	mailbox_put(&b, &(struct mail){.kind = MAIL_STOP});
	assert_true(mailbox_has(&b, MAIL_STOP));
	assert_false(mailbox_take(&b, -1, &m));
	mailbox_wait(&b, 1000000);
	mailbox_release(&b); /* frees what nobody took */
}

static void *answer_one(void *arg)
{
	struct mailbox *b = arg;
	struct mail m;
	struct err e;

	if (mailbox_take(b, -1, &m)) {
		err_set(&e, ERR_CONFLICT, "order %d refused", m.order);
		mailbox_answer(&m, ERR_CONFLICT, &e);
	}
	return NULL;
}

static void an_order_brings_its_answer_back(void **state)
{
	pthread_t thread;
	struct mailbox b;
	struct err e;

	(void)state;
	mailbox_init(&b);
	assert_int_equal(pthread_create(&thread, NULL, answer_one, &b), 0);
	assert_int_equal(mailbox_order(&b, 5, 60000, &e), ERR_CONFLICT);
	assert_string_equal(e.text, "order 5 refused");
	pthread_join(thread, NULL);
	assert_false(mailbox_has(&b, MAIL_ORDER));
	mailbox_release(&b);
}

static void an_order_that_nobody_takes_times_out_and_is_freed(void **state)
{
	struct mailbox b;
	struct err e;

	(void)state;
	mailbox_init(&b);
	assert_int_equal(mailbox_order(&b, 1, 1, &e), ERR_BUSY);
	assert_true(mailbox_has(&b, MAIL_ORDER));
	mailbox_release(&b);
}

static void an_answer_after_the_time_is_up_is_freed(void **state)
{
	struct mailbox b;
	struct mail m;
	struct err e;

	(void)state;
	mailbox_init(&b);
	assert_int_equal(mailbox_order(&b, 1, 1, &e), ERR_BUSY);
	assert_true(mailbox_take(&b, 0, &m));
	mailbox_answer(&m, 0, NULL);
	assert_int_equal(e.code, ERR_BUSY); /* as it was told */
	mailbox_release(&b);
}

static void a_closed_box_refuses_orders_and_frees_mail(void **state)
{
	struct mailbox b;
	struct err e;

	(void)state;
	mailbox_init(&b);
	mailbox_close(&b);
	put_result(&b, "thrown away");
	assert_int_equal(mailbox_order(&b, 1, 1000, &e), ERR_NOT_FOUND);
	mailbox_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_arrives_in_order),
		cmocka_unit_test(an_order_comes_before_results),
		cmocka_unit_test(nothing_is_taken_after_a_stop),
		cmocka_unit_test(an_order_brings_its_answer_back),
		cmocka_unit_test(
			an_order_that_nobody_takes_times_out_and_is_freed),
		cmocka_unit_test(an_answer_after_the_time_is_up_is_freed),
		cmocka_unit_test(a_closed_box_refuses_orders_and_frees_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
