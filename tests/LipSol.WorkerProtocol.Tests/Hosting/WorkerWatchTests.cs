namespace LipSol.WorkerProtocol.Tests.Hosting;

public sealed class WorkerWatchTests
{
    private readonly WorkerWatch watch = new(new WorkerProcessOptions { SilenceLimit = TimeSpan.FromSeconds(30), StandstillLimit = TimeSpan.FromMinutes(10) });

    [Fact]
    public void Silence_counts_from_the_last_sign_of_life()
    {
        Assert.Null(LookFor(TimeSpan.FromSeconds(29)));
        watch.Heard(Beat(1));
        Assert.Null(LookFor(TimeSpan.FromSeconds(29)));
        Assert.Contains("no sign of life for 30 s", LookFor(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void While_this_program_does_not_listen_nothing_counts_as_silence()
    {
        using (watch.Answering()) Assert.Null(LookFor(TimeSpan.FromMinutes(5)));
        Assert.NotNull(LookFor(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void A_step_or_a_share_or_a_phase_further_is_progress()
    {
        foreach (var beat in new[] { Beat(1), Beat(2), Beat(2, progress: 0.3), Beat(2, progress: 0.3, phase: "evaluating") }) Assert.Null(LookFor(TimeSpan.FromMinutes(9), beat));
        var reason = LookFor(TimeSpan.FromMinutes(2), Beat(2, progress: 0.3, phase: "evaluating"));
        Assert.Contains("no further than step 2 (evaluating) for 10 minutes", reason);
    }

    [Fact]
    public void A_worker_that_is_held_up_by_this_program_is_not_blamed_for_it()
    {
        using (watch.Recording()) Assert.Null(LookFor(TimeSpan.FromHours(1), Beat(1)));
        Assert.NotNull(LookFor(TimeSpan.FromMinutes(10), Beat(1)));
    }

    [Fact]
    public void Jobs_that_wait_for_work_may_stand_still()
    {
        var patient = new WorkerWatch(new WorkerProcessOptions());
        for (var i = 0; i < 10_000; i++)
        {
            patient.Heard(Beat(1, phase: "waiting"));
            Assert.Null(patient.Look());
        }
    }

    // Looks at every tick of this time, with a heartbeat at each where one is given.
    private string? LookFor(TimeSpan time, Heartbeat? beat = null)
    {
        string? reason = null;
        for (var t = TimeSpan.Zero; t < time && reason is null; t += watch.Tick)
        {
            if (beat is not null) watch.Heard(beat);
            reason = watch.Look();
        }
        return reason;
    }

    private static Heartbeat Beat(long step, double progress = 0.1, string phase = "training") => new(step, progress, phase, default);
}
