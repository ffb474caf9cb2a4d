/* commands.c -- all subcommands, in the order in which `nevod help` lists them.
 */
#include <stddef.h>

#include "cli/options/command.h"

const struct command *const commands[] = {
	&command_evolve,
	&command_train,
	&command_up,
	&command_status,
	&command_workers,
	&command_watch,
	&command_champion,
	&command_report,
	&command_export,
	&command_verify,
	&command_predict,
	&command_dataset,
	&command_pause,
	&command_resume,
	&command_cancel,
	&command_show,
	&command_neat,
	&command_broker,
	&command_genome,
	&command_evolutioner,
	&command_backup,
	&command_restore,
	&command_store,
	&command_doctor,
	&command_bench,
	&command_simulate,
	&command_completion,
	NULL,
};
