using System.Diagnostics;

namespace LipSol.WorkerProtocol.Tests.Hosting;

public sealed class WorkerProcessTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_point_arrives_once_and_in_order_and_the_result_last()
    {
        var sink = new RecordingSink();
        await using var worker = await TestWorkers.StartAsync("works", sink);
        var exit = await worker.Ended.WaitAsync(Cancelled);

        Assert.Equal(WorkerEnd.Completed, exit.End);
        Assert.Equal(1.5, Assert.IsType<CropResult>(exit.Result).Seconds);
        var batches = sink.Data.OfType<MetricBatch>().ToArray();
        Assert.Equal(Enumerable.Range(1, batches.Length).Select(n => (long)n), batches.Select(b => b.Batch));
        Assert.All(batches, b => Assert.InRange(b.Points.Count, 1, MetricBatcher.LargestBatch));
        var points = batches.SelectMany(b => b.Points).ToArray();
        Assert.Equal(Enumerable.Range(0, 1200).Select(n => (long)n), points.Select(p => p.Step));
        Assert.True(double.IsNaN(points[7].Value));
        Assert.IsType<JobCompleted>(sink.Data.Last());
        Assert.Equal(sink.Data.Select((_, i) => i + 1L), sink.Data.Select(m => m.Number));
    }

    [Fact]
    public async Task A_host_that_is_slow_slows_the_worker_down_and_still_hears_its_heart()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var beats = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingSink sink = null!;
        sink = new RecordingSink
        {
            OnData = _ => go.Task,
            // The worker has sent all it may and is held up; its heart goes on.
            OnBeat = b => { if (b.Step == WorkerChannel.Window && sink.Heartbeats.Count(x => x.Step == WorkerChannel.Window) == 5) beats.TrySetResult(); },
        };
        await using var worker = await TestWorkers.StartAsync("floods", sink);
        await beats.Task.WaitAsync(Cancelled);

        Assert.Single(sink.Data);
        Assert.Equal(WorkerChannel.Window, sink.Heartbeats.Max(b => b.Step));
        go.SetResult();
        Assert.Equal(WorkerEnd.Completed, (await worker.Ended.WaitAsync(Cancelled)).End);
        Assert.Equal(41, sink.Data.Count);
    }

    [Theory]
    [InlineData("garbage", "isn't a message")]
    [InlineData("oversized", "2147483647 bytes was announced")]
    [InlineData("wrong-number", "message 5 came where 1 was due")]
    public async Task A_worker_that_breaks_the_protocol_is_ended_with_the_reason(string mood, string reason)
    {
        await using var worker = await TestWorkers.StartAsync(mood, new RecordingSink());
        var exit = await worker.Ended.WaitAsync(Cancelled);
        Assert.Equal(WorkerEnd.Crashed, exit.End);
        Assert.Contains("broke the protocol", exit.Reason);
        Assert.Contains(reason, exit.Reason);
    }

    [Fact]
    public async Task A_worker_of_another_version_is_refused_with_what_to_do()
    {
        var refused = await Assert.ThrowsAsync<WorkerStartException>(() => TestWorkers.StartAsync("old", new RecordingSink()));
        Assert.Contains("version 99", refused.Message);
        Assert.Contains("build the solution again", refused.Message);
    }

    [Fact]
    public async Task Whoever_else_connects_and_calls_itself_the_worker_is_turned_away_and_holds_up_nothing()
    {
        var sink = new RecordingSink();
        await using var worker = await TestWorkers.StartAsync("late", sink);
        Assert.Equal(WorkerEnd.Completed, (await worker.Ended.WaitAsync(Cancelled)).End);
        Assert.DoesNotContain(sink.Log, line => line.Contains(nameof(Welcome), StringComparison.Ordinal));
        Assert.Contains(sink.Log, line => line.Contains("was turned away", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_dies_before_its_hello_leaves_its_last_words()
    {
        var failed = await Assert.ThrowsAsync<WorkerStartException>(() => TestWorkers.StartAsync("dies", new RecordingSink()));
        Assert.Contains("boom: libsomething.so is missing", failed.Message);
    }

    [Fact]
    public async Task A_worker_that_says_nothing_is_given_up_at_the_deadline()
    {
        var failed = await Assert.ThrowsAsync<WorkerStartException>(() => TestWorkers.StartAsync("silent", new RecordingSink(), TimeSpan.FromSeconds(1)));
        Assert.Contains("said nothing for 1 s", failed.Message);
    }

    [Fact]
    public async Task A_crash_shows_with_the_tail_of_stderr()
    {
        await using var worker = await TestWorkers.StartAsync("crashes", new RecordingSink());
        var exit = await worker.Ended.WaitAsync(Cancelled);
        Assert.Equal(WorkerEnd.Crashed, exit.End);
        Assert.Contains("signal 6", exit.Reason);
        Assert.Contains("on purpose", exit.Reason);
    }

    [Fact]
    public async Task A_job_that_can_not_be_done_fails_with_the_workers_own_words()
    {
        await using var worker = await TestWorkers.StartAsync("fails", new RecordingSink());
        var exit = await worker.Ended.WaitAsync(Cancelled);
        Assert.Equal((WorkerEnd.Failed, "the corpus has one word only", true), (exit.End, exit.Reason, exit.BadInput));
    }

    [Fact]
    public async Task A_killed_worker_is_told_from_one_that_failed()
    {
        var sink = new RecordingSink();
        await using var worker = await TestWorkers.StartAsync("waits", sink);
        await sink.Ready.Task.WaitAsync(Cancelled);
        Process.GetProcessById(worker.ProcessId).Kill();
        var exit = await worker.Ended.WaitAsync(Cancelled);
        Assert.Equal(WorkerEnd.Killed, exit.End);
        Assert.Contains("signal 9", exit.Reason);
    }

    [Fact]
    public async Task A_worker_that_holds_more_memory_than_was_asked_for_is_ended_with_both_figures()
    {
        await using var worker = await TestWorkers.StartAsync("eats", new RecordingSink(), change: o => o with { MemoryLimit = 300L << 20 });
        var id = worker.ProcessId;
        var exit = await worker.Ended.WaitAsync(Cancelled);
        Assert.Contains("of memory, and the run asked for 300 MB", exit.Reason);
        Assert.False(TestWorkers.IsAlive(id));
    }

    [Theory]
    [InlineData(4L, 5L, "by the system, which had run out of memory")]
    [InlineData(4L, 4L, "by someone, since the system hasn't run out of memory")]
    [InlineData(null, 4L, "by someone, or by the system")]
    public void A_SIGKILL_that_nobody_here_sent_is_told_by_the_kernels_count(long? before, long? after, string said) => Assert.Contains(said, WorkerMemory.Killed(before, after));

    [Fact]
    public async Task A_worker_that_hangs_is_noticed_and_ended()
    {
        var sink = new RecordingSink();
        await using var worker = await TestWorkers.StartAsync("waits", sink, change: o => o with { SilenceLimit = TimeSpan.FromSeconds(5) });
        await sink.Ready.Task.WaitAsync(Cancelled);
        using (var stop = Process.Start("kill", ["-STOP", worker.ProcessId.ToString()])) await stop.WaitForExitAsync(Cancelled);
        var exit = await worker.Ended.WaitAsync(Cancelled);
        Assert.Equal(WorkerEnd.Crashed, exit.End);
        Assert.Contains("no sign of life", exit.Reason);
    }

    [Fact]
    public async Task A_worker_that_lives_and_gets_no_further_is_noticed_and_ended()
    {
        await using var worker = await TestWorkers.StartAsync("waits", new RecordingSink(), change: o => o with { SilenceLimit = TimeSpan.FromSeconds(5), StandstillLimit = TimeSpan.FromSeconds(1) });
        var exit = await worker.Ended.WaitAsync(Cancelled);
        Assert.Equal(WorkerEnd.Crashed, exit.End);
        Assert.Contains("no further than step 0", exit.Reason);
    }

    [Fact]
    public async Task A_worker_asked_to_stop_writes_its_checkpoint_first()
    {
        var sink = new RecordingSink();
        await using var worker = await TestWorkers.StartAsync("waits", sink);
        await sink.Ready.Task.WaitAsync(Cancelled);
        var exit = await worker.StopAsync("enough", TimeSpan.FromSeconds(30));
        Assert.Equal((WorkerEnd.Stopped, "enough"), (exit.End, exit.Reason));
        Assert.Single(sink.Data.OfType<CheckpointWritten>());
    }

    [Fact]
    public async Task A_worker_that_hears_nothing_is_terminated_then_killed()
    {
        var sink = new RecordingSink();
        await using var worker = await TestWorkers.StartAsync("deaf", sink);
        await sink.Ready.Task.WaitAsync(Cancelled);
        var exit = await worker.StopAsync("enough", TimeSpan.FromMilliseconds(300));
        Assert.Equal(WorkerEnd.Stopped, exit.End);
        Assert.Equal(137, exit.ExitCode);
    }

    [Fact]
    public async Task What_the_host_can_not_record_ends_the_worker_unacknowledged()
    {
        var sink = new RecordingSink { OnData = _ => throw new InvalidOperationException("the lease is over") };
        await using var worker = await TestWorkers.StartAsync("works", sink);
        var exit = await worker.Ended.WaitAsync(Cancelled);
        Assert.Equal((WorkerEnd.Crashed, "the lease is over"), (exit.End, exit.Reason));
        Assert.Single(sink.Data);
    }

    [Fact]
    public async Task A_worker_sees_none_of_its_hosts_secrets()
    {
        Environment.SetEnvironmentVariable("LIPSOL_TOKEN", "secret");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "secret");
        var sink = new RecordingSink();
        await using var worker = await TestWorkers.StartAsync("environment", sink);
        await worker.Ended.WaitAsync(Cancelled);
        Assert.Contains(sink.Log, l => l.StartsWith("PATH=", StringComparison.Ordinal));
        Assert.DoesNotContain(sink.Log, l => l.Contains("LIPSOL_TOKEN", StringComparison.Ordinal) || l.Contains("AWS_SECRET_ACCESS_KEY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_line_without_end_is_cut_into_pieces()
    {
        var sink = new RecordingSink();
        await using var worker = await TestWorkers.StartAsync("chatters", sink);
        await worker.Ended.WaitAsync(Cancelled);
        Assert.Equal(2_000_000, sink.Log.Sum(l => l.Length));
        Assert.All(sink.Log, l => Assert.InRange(l.Length, 0, LineReader.LongestLine));
    }

    [Fact]
    public async Task A_worker_whose_host_is_killed_ends_whatever_its_threads_do()
    {
        var start = WorkerExecutable.StartInfo(TestWorkers.Dll, ["host", "-"]);
        start.RedirectStandardOutput = true;
        using var host = Process.Start(start)!;
        var worker = int.Parse((await host.StandardOutput.ReadLineAsync(Cancelled))!);
        Assert.True(TestWorkers.IsAlive(worker));
        host.Kill();
        var since = Stopwatch.StartNew();
        while (TestWorkers.IsAlive(worker) && since.Elapsed < TimeSpan.FromSeconds(60)) await Task.Delay(20);
        Assert.False(TestWorkers.IsAlive(worker), "the worker outlived its host");
    }

    [Fact]
    public async Task Nothing_is_left_in_the_temporary_folder_once_both_sides_stand()
    {
        var sink = new RecordingSink();
        var before = Directory.GetDirectories(Path.GetTempPath(), "lipsol-????????????");
        await using var worker = await TestWorkers.StartAsync("waits", sink);
        var mine = Directory.GetDirectories(Path.GetTempPath(), "lipsol-????????????").Except(before)
            .Where(d => File.Exists($"/proc/{worker.ProcessId}/cmdline") && File.ReadAllText($"/proc/{worker.ProcessId}/cmdline").Contains(d, StringComparison.Ordinal));
        Assert.Empty(mine);
    }
}
