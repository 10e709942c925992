namespace LipSol.Pipelines.Tests.Running;

public sealed class PipelineMachineTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 2, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Steps_that_do_not_depend_on_each_other_run_side_by_side()
    {
        var play = new Play(Examples.Of("a:", "b:a", "d:a", "e:b d"));
        play.Do("a");
        Assert.Equal(["b", "d"], play.Asked.Order());
        play.Do("b");
        Assert.Equal(["d"], play.Asked);
        play.Do("d");
        play.Do("e");
        Assert.Equal(PipelineStatus.Succeeded, play.Run.Status);
    }

    [Fact]
    public void A_failed_step_stops_only_what_depends_on_it()
    {
        var play = new Play(Examples.Of("a:", "b:a", "d:", "e:d"));
        play.Fail("a", "the disk is full");
        Assert.Equal((StepStatus.Blocked, "It needs a, which failed."), (play.Step("b").Status, play.Step("b").Why));
        play.Do("d");
        play.Do("e");
        Assert.Equal((PipelineStatus.Failed, StepStatus.Done), (play.Run.Status, play.Step("e").Status));
    }

    [Fact]
    public void A_failed_run_goes_on_where_it_failed_and_nothing_that_is_done_is_done_again()
    {
        var play = new Play(Examples.Of("a:", "b:a", "d:b"));
        play.Do("a");
        play.Fail("b", "no");
        play.Tell(new ResumeAsked());
        Assert.Equal(["b"], play.Asked);
        Assert.Equal(2, play.Step("b").Try);
        play.Do("b");
        play.Do("d");
        Assert.Equal((PipelineStatus.Succeeded, 1), (play.Run.Status, play.Step("a").Try));
    }

    [Fact]
    public void A_step_is_tried_again_after_a_wait_that_grows_and_is_spread()
    {
        var play = new Play(Examples.Of("r:"));
        play.Fail("r", "busy", again: true);
        Assert.Equal((StepStatus.Retrying, Now.AddSeconds(30)), (play.Step("r").Status, play.Step("r").NextTryAt));
        play.Tell(new Ticked(), Now.AddSeconds(29));
        Assert.Equal(StepStatus.Retrying, play.Step("r").Status);
        play.Tell(new Ticked(), Now.AddSeconds(30));
        play.Fail("r", "busy", again: true);
        Assert.Equal((StepStatus.Failed, "busy (2 tries)"), (play.Step("r").Status, play.Step("r").Failure));
        Assert.Equal([15, 30, 60, 120], Enumerable.Range(1, 4).Select(n => PipelineMachine.Backoff(TimeSpan.FromSeconds(30), n, 0).TotalSeconds));
        Assert.Equal(90, PipelineMachine.Backoff(TimeSpan.FromSeconds(30), 2, 1).TotalSeconds);
        Assert.Equal(3600, PipelineMachine.Backoff(TimeSpan.FromSeconds(30), 1000, 0.5).TotalSeconds);
    }

    [Fact]
    public void A_step_that_takes_too_long_is_given_up()
    {
        var play = new Play(Examples.Of("t:", "b:t"));
        play.Tell(new Ticked(), Now.AddSeconds(59));
        Assert.Equal(["t"], play.Asked);
        play.Tell(new Ticked(), Now.AddMinutes(1));
        Assert.Contains(play.Last.Commands, c => c is AbortStep { Step: "t", Try: 1 });
        Assert.Equal("It took longer than the 1 min 0 s that its timeout allows.", play.Step("t").Failure);
        Assert.Equal(PipelineStatus.Failed, play.Run.Status);
    }

    [Fact]
    public void A_try_that_is_given_up_is_ended_whoever_dies_meanwhile_and_only_then_tried_again()
    {
        PipelineDefinition definition = Examples.Of("t:") with { Steps = [.. Examples.Of("t:").Steps.Select(s => s with { Retries = 1 })] };
        var play = new Play(definition);
        play.Plan("t");
        play.Tell(new Ticked(), Now.AddMinutes(1));
        Assert.Equal(StepStatus.Retrying, play.Step("t").Status);
        // Whoever was to end it died before.
        play.Tell(new Recovered(), Now.AddMinutes(2));
        Assert.Contains(play.Last.Commands, c => c is AbortStep { Step: "t", Try: 1 });
        play.Tell(new Ticked(), Now.AddHours(1));
        Assert.Equal(StepStatus.Retrying, play.Step("t").Status);
        play.Tell(new Aborted("t", 1), Now.AddHours(1));
        play.Tell(new Ticked(), Now.AddHours(1));
        Assert.Equal((StepStatus.Planning, 2), (play.Step("t").Status, play.Step("t").Try));

        // Of a run that is over, too: it isn't quiet as long as something may go on.
        play.Tell(new Ticked(), Now.AddHours(2));
        Assert.Equal((PipelineStatus.Failed, false), (play.Run.Status, play.Run.IsQuiet));
        play.Tell(new Recovered(), Now.AddDays(1));
        Assert.Contains(play.Last.Commands, c => c is AbortStep { Step: "t", Try: 2 });
        play.Tell(new Aborted("t", 2), Now.AddDays(1));
        Assert.True(play.Run.IsQuiet);
    }

    [Fact]
    public void A_refusal_is_a_normal_outcome()
    {
        var play = new Play(Examples.Of("a:", "g:a", "p:g", "x:"));
        play.Do("a");
        play.Do("g", (Outputs.Verdict, "refused"));
        Assert.Equal((StepStatus.NotNeeded, "g refused."), (play.Step("p").Status, play.Step("p").Why));
        play.Do("x");
        Assert.Equal(PipelineStatus.Succeeded, play.Run.Status);
    }

    [Fact]
    public void A_choice_of_any_goes_on_with_the_runs_that_are_there()
    {
        var play = new Play(Examples.Of("a:", "b:", "c:a b", "g:c"));
        play.Fail("a", "no");
        Assert.Equal(["b"], play.Asked);
        play.Do("b");
        Assert.Equal(["c"], play.Asked);
        var none = new Play(Examples.Of("a:", "b:", "c:a b", "g:c"));
        none.Fail("a", "no");
        none.Fail("b", "no");
        Assert.Equal(("It needs one of a, b, and none succeeded.", PipelineStatus.Failed), (none.Step("c").Why, none.Run.Status));
    }

    [Fact]
    public void A_cancelled_run_lets_a_promotion_end_that_has_begun()
    {
        var play = new Play(Examples.Of("a:", "g:a", "p:g", "z:p"));
        play.Do("a");
        play.Do("g", (Outputs.Verdict, "passed"));
        play.Plan("p");
        play.Tell(new CancelAsked("the next run begins"));
        Assert.Equal((PipelineStatus.Cancelling, StepStatus.Running, StepStatus.Cancelled), (play.Run.Status, play.Step("p").Status, play.Step("z").Status));
        play.Tell(new Finished("p", 1, new Dictionary<string, string> { ["promoted"] = "true" }));
        Assert.Equal((PipelineStatus.Cancelled, StepStatus.Done), (play.Run.Status, play.Step("p").Status));
    }

    [Fact]
    public void Notices_are_sent_once_and_tried_a_few_times()
    {
        var play = new Play(Examples.Of("a:") with { Notices = [new NoticeDefinition("https://x", [NoticeKind.Failed]), new NoticeDefinition("https://y", [NoticeKind.Succeeded])] });
        play.Fail("a", "no");
        NoticeState notice = Assert.Single(play.Run.Notices);
        Assert.Equal(("https://x", "test/7/0/failed/0"), (notice.Url, notice.Id));
        DateTimeOffset now = Now;
        for (int i = 1; i <= NoticeRules.MostAttempts; i++)
        {
            Assert.False(play.Run.IsQuiet);
            play.Tell(new NoticeFailed(notice.Id, "nobody there", true), now);
            now += TimeSpan.FromHours(2);
            play.Tell(new Ticked(), now);
            Assert.Equal(i < NoticeRules.MostAttempts, play.Last.Commands.OfType<Deliver>().Any());
        }
        Assert.True(play.Run.IsQuiet);
        Assert.Equal((NoticeRules.MostAttempts, "nobody there"), (play.Run.Notices[0].Attempts, play.Run.Notices[0].Failure));
    }

    [Fact]
    public void What_a_step_leaves_is_remembered_and_again_after_a_death()
    {
        var play = new Play(Examples.Of("a:", "b:a"));
        play.Do("a", (Outputs.Run, "r1"));
        Assert.Equal("r1", play.Last.Commands.OfType<Remember>().Single().Result.Left[Outputs.Run]);
        play.Tell(new Recovered());
        Assert.Equal(7, play.Last.Commands.OfType<Remember>().Single().Result.Run);
    }

    private sealed class Play
    {
        private readonly PipelineDefinition _definition;

        public Play(PipelineDefinition definition)
        {
            _definition = definition;
            Run = PipelineMachine.New(new PipelineRunState { Pipeline = "test", Number = 7, DefinitionVersion = 1, Definition = "", For = Now, Day = "2026-11-01", Steps = [] }, definition);
            Tell(new Begun());
        }

        public PipelineRunState Run { get; private set; }
        public Transition Last { get; private set; } = null!;
        public IEnumerable<string> Asked => Run.Steps.Where(s => s.Status is StepStatus.Planning or StepStatus.Running).Select(s => s.Name);
        public StepState Step(string name) => Run.Step(name);

        public void Tell(PipelineEvent e, DateTimeOffset? now = null)
        {
            Last = PipelineMachine.Apply(Run, _definition, e, now ?? Now);
            Run = Last.Run;
        }

        public void Plan(string step) => Tell(new Planned(step, Step(step).Try, new StepKey(_definition.Step(step).Kind, new Dictionary<string, string>(), new Dictionary<string, string>(), "1"), "It wasn't done before.", $"work of {step}"));

        public void Do(string step, params (string Name, string Value)[] left)
        {
            Plan(step);
            Tell(new Finished(step, Step(step).Try, left.ToDictionary(l => l.Name, l => l.Value)));
        }

        public void Fail(string step, string reason, bool again = false)
        {
            Plan(step);
            Tell(new TryFailed(step, Step(step).Try, reason, again));
        }
    }
}
