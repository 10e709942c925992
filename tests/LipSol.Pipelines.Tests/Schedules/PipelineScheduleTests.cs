namespace LipSol.Pipelines.Tests.Schedules;

public sealed class PipelineScheduleTests
{
    [Fact]
    public void Daily_is_the_same_hour_of_the_clock_in_its_zone()
    {
        PipelineSchedule schedule = Of("30 2 * * *", "Asia/Karachi");
        Assert.Equal(At("2026-11-29T21:30Z"), schedule.Next(At("2026-11-29T12:00Z")));
        Assert.Equal(At("2026-11-30T21:30Z"), schedule.Next(At("2026-11-29T21:30Z")));
        Assert.Equal("2026-11-30 02:30 Asia/Karachi", schedule.Tell(At("2026-11-29T21:30Z")));
        Assert.Equal(new DateOnly(2026, 11, 30), schedule.Day(At("2026-11-29T21:30Z")));
    }

    // Berlin, 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00 again.
    [Fact]
    public void The_hour_that_does_not_exist_runs_as_soon_as_the_clock_has_gone_on()
    {
        PipelineSchedule schedule = Of("30 2 * * *", "Europe/Berlin");
        Assert.Equal(["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"], Days(schedule, new DateOnly(2026, 3, 28), new DateOnly(2026, 3, 30)));
    }

    [Fact]
    public void The_hour_that_comes_twice_runs_once_the_first_time()
    {
        PipelineSchedule schedule = Of("30 2 * * *", "Europe/Berlin");
        Assert.Equal(["2026-10-24T00:30Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z"], Days(schedule, new DateOnly(2026, 10, 24), new DateOnly(2026, 10, 26)));
    }

    [Fact]
    public void What_comes_next_over_a_change_of_the_clocks_is_due_once()
    {
        PipelineSchedule schedule = Of("30 2 * * *", "Europe/Berlin");
        // Forward: 02:30 isn't there, and 03:00 takes its place.
        Assert.Equal(At("2026-03-29T01:00Z"), schedule.Next(At("2026-03-28T01:30Z")));
        Assert.Null(schedule.Due(At("2026-03-28T01:30Z"), At("2026-03-29T00:59Z")).Run);
        DueTimes forward = schedule.Due(At("2026-03-28T01:30Z"), At("2026-03-29T01:01Z"));
        Assert.Equal((At("2026-03-29T01:00Z"), 0), (forward.Run, forward.Missed));
        Assert.Null(schedule.Due(forward.Handled, At("2026-03-29T23:00Z")).Run);
        Assert.Equal(At("2026-03-30T00:30Z"), schedule.Next(forward.Handled));
        // Back: 02:30 comes twice, and the first one counts.
        Assert.Equal(At("2026-10-25T00:30Z"), schedule.Next(At("2026-10-24T00:30Z")));
        DueTimes back = schedule.Due(At("2026-10-24T00:30Z"), At("2026-10-25T00:31Z"));
        Assert.Equal((At("2026-10-25T00:30Z"), 0), (back.Run, back.Missed));
        Assert.Null(schedule.Due(back.Handled, At("2026-10-25T01:31Z")).Run);
        Assert.Equal(At("2026-10-26T01:30Z"), schedule.Next(back.Handled));
        // A week without nodes, with a change in it, has missed as many nights as it had.
        DueTimes week = schedule.Due(At("2026-03-26T01:30Z"), At("2026-04-02T00:31Z"));
        Assert.Equal((At("2026-04-02T00:30Z"), 6), (week.Run, week.Missed));
    }

    [Fact]
    public void What_is_due_every_hour_is_due_in_both_hours_that_are_the_same()
    {
        PipelineSchedule schedule = Of("0 * * * *", "Europe/Berlin");
        Assert.Equal(25, schedule.On(new DateOnly(2026, 10, 25), new DateOnly(2026, 10, 25)).Count);
        Assert.Equal(23, schedule.On(new DateOnly(2026, 3, 29), new DateOnly(2026, 3, 29)).Count);
    }

    [Fact]
    public void A_day_whose_midnight_does_not_exist_is_a_day_all_the_same() =>
        // Cairo, 24 April 2026: 00:00 becomes 01:00.
        Assert.Equal(["2026-04-23T22:00Z"], Days(Of("0 0 * * *", "Africa/Cairo"), new DateOnly(2026, 4, 24), new DateOnly(2026, 4, 24)));

    [Fact]
    public void Nothing_is_due_before_its_time_and_each_time_is_due_once()
    {
        PipelineSchedule schedule = Of("30 2 * * *", "UTC");
        Assert.Null(schedule.Due(At("2026-11-01T02:30Z"), At("2026-11-02T02:29Z")).Run);
        DueTimes due = schedule.Due(At("2026-11-01T02:30Z"), At("2026-11-02T02:30Z"));
        Assert.Equal((At("2026-11-02T02:30Z"), 0, false), (due.Run, due.Missed, due.Late));
        Assert.Null(schedule.Due(due.Handled, At("2026-11-02T02:31Z")).Run);
    }

    [Fact]
    public void Days_that_were_missed_are_caught_up_by_one_run_for_the_latest()
    {
        DueTimes due = Of("30 2 * * *", "UTC").Due(At("2026-11-01T02:30Z"), At("2026-11-05T09:00Z"));
        Assert.Equal((At("2026-11-05T02:30Z"), 3, At("2026-11-02T02:30Z"), true), (due.Run, due.Missed, due.FirstMissed, due.Late));
        Assert.Equal(At("2026-11-05T02:30Z"), due.Handled);
    }

    [Fact]
    public void Days_that_were_missed_are_left_out_where_that_is_declared()
    {
        PipelineSchedule schedule = Of("30 2 * * *", "UTC", MissedRule.Skip);
        DueTimes due = schedule.Due(At("2026-11-01T02:30Z"), At("2026-11-05T09:00Z"));
        Assert.Equal((null, 4, At("2026-11-02T02:30Z")), (due.Run, due.Missed, due.FirstMissed));
        Assert.Equal(At("2026-11-06T02:30Z"), schedule.Due(due.Handled, At("2026-11-06T02:31Z")).Run);
    }

    [Fact]
    public void A_few_minutes_late_is_not_missed() =>
        Assert.Equal(At("2026-11-02T02:30Z"), Of("30 2 * * *", "UTC", MissedRule.Skip).Due(At("2026-11-01T02:30Z"), At("2026-11-02T02:39Z")).Run);

    [Fact]
    public void A_backfill_has_an_end_and_a_beginning()
    {
        PipelineSchedule schedule = Of("* * * * *", "UTC");
        Assert.Contains("before the first", Assert.Throws<ArgumentException>(() => schedule.On(new DateOnly(2026, 2, 2), new DateOnly(2026, 2, 1))).Message);
        Assert.Contains("more than 1000 times", Assert.Throws<ArgumentException>(() => schedule.On(new DateOnly(2026, 2, 1), new DateOnly(2026, 2, 2))).Message);
    }

    private static PipelineSchedule Of(string cron, string zone, MissedRule missed = MissedRule.Once) => PipelineSchedule.Of(new ScheduleDefinition(cron, zone, missed));

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string> Days(PipelineSchedule schedule, DateOnly from, DateOnly to) => schedule.On(from, to).Select(t => t.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture));
}
