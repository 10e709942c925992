namespace LipSol.Contracts.Runs;

/// <summary>The durable record of one run: what was asked for, what happened, what came out. Key: run id. Callable from anywhere; reading it never starts, moves or wakes work.</summary>
[Alias("lipsol.IRunGrain")]
public interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Writes the spec down and queues the run. Once a run.</summary>
    [Alias("Create")] Task CreateAsync(RunSpec spec);
    /// <summary>The record; null where no such run was created.</summary>
    [Alias("Get")] Task<RunRecord?> GetAsync();
    /// <summary>Asks the run to stop after its current step; a queued run ends at once. Repeatable.</summary>
    [Alias("Stop")] Task StopAsync(string reason);
    /// <summary>Queues an interrupted, stopped or failed run again, from its last checkpoint.</summary>
    [Alias("Resume")] Task ResumeAsync();
    /// <summary>Sets or replaces tags.</summary>
    [Alias("SetTags")] Task SetTagsAsync(Dictionary<string, string> tags);
    /// <summary>Records of which notebook the run is (an artifact: the notebook's hash, the cell, parameters, packages), and what became of that notebook (an artifact: the executed file). Null leaves what is there. Repeatable; decides none of its numbers.</summary>
    [Alias("SetNotebook")] Task SetNotebookAsync(string? origin, string? executed);
    /// <summary>Points of one metric (all metrics where null), steps ascending.</summary>
    [Alias("GetMetrics")] Task<List<MetricPoint>> GetMetricsAsync(string? name, int take);
    /// <summary>
    /// What happens to the run from <paramref name="cursor"/> on (0 = from the start): first what is stored, then live, until the run ends or the caller stops.
    /// Whoever goes on with the last <see cref="RunEvent.Cursor"/> seen gets every later point once and none twice.
    /// </summary>
    [Alias("Follow")] IAsyncEnumerable<RunEvent> FollowAsync(long cursor, CancellationToken cancellationToken = default);

    /// <summary>The scheduler gives the run a lease: from now on only <paramref name="epoch"/> may write. The first attempt's <paramref name="threads"/> are the run's from then on, since sums depend on them.</summary>
    [Alias("BeginAttempt")] Task<RunAttempt> BeginAttemptAsync(long epoch, string node, int threads);
    /// <summary>Appends a numbered batch; repeating a batch changes nothing.</summary>
    /// <exception cref="StaleLeaseException">The epoch isn't the current one.</exception>
    [Alias("AppendMetrics")] Task AppendMetricsAsync(long epoch, long batch, [Immutable] List<MetricPoint> points);
    /// <summary>Records a written checkpoint (an artifact) as the current one, and removes those that the run no longer keeps (<see cref="RunSpec.Keep"/>) from the artifact store. Repeatable.</summary>
    [Alias("RecordCheckpoint")] Task RecordCheckpointAsync(long epoch, Checkpoint checkpoint);
    /// <summary>Records something that the run keeps whatever becomes of it (an artifact). Repeatable; a name told anew has the later one.</summary>
    [Alias("RecordArtifact")] Task RecordArtifactAsync(long epoch, string name, string artifact);
    /// <summary>The worker is alive and at this step.</summary>
    [Alias("Heartbeat")] Task HeartbeatAsync(long epoch, WorkerHeartbeat heartbeat);
    /// <summary>The attempt ended: completed with its outcome, stopped, failed, or interrupted. An interrupted one (its worker crashed) is queued again from its last checkpoint, up to <see cref="RunSpec.MaximumRestarts"/> times. Repeatable; an epoch that is over changes nothing.</summary>
    [Alias("EndAttempt")] Task EndAttemptAsync(long epoch, AttemptEnd end);
    /// <summary>
    /// The node is about to leave: until the worker ends it may still write (its last checkpoint above all), and its end is no crash: the run is queued again, which counts as no restart,
    /// or, unless it <paramref name="goesOn"/>, is <see cref="RunStatus.Interrupted"/> and waits for <see cref="ResumeAsync"/>. Repeatable; an epoch that is over changes nothing.
    /// </summary>
    [Alias("NodeLeaves")] Task NodeLeavesAsync(long epoch, string reason, bool goesOn);
    /// <summary>
    /// The scheduler took the lease away since its node is gone: the run is queued again from its last checkpoint, up to <see cref="RunSpec.MaximumRestarts"/> times, or, unless it <paramref name="goesOn"/>,
    /// is <see cref="RunStatus.Interrupted"/> and waits for <see cref="ResumeAsync"/>. Repeatable; an epoch that is over changes nothing.
    /// </summary>
    [Alias("LoseLease")] Task LoseLeaseAsync(long epoch, string reason, bool goesOn);
    /// <summary>Writes the record into the run index again. Repeatable.</summary>
    [Alias("Reindex")] Task ReindexAsync();
    /// <summary>Marks the run as deleted: lists and searches hide it. Nothing is lost until it's purged. Repeatable.</summary>
    /// <exception cref="RefusedException">It waits or runs, or a model version was made by it.</exception>
    [Alias("Delete"), ResponseTimeout("00:05:00")] Task DeleteAsync();
    /// <summary>Takes the mark of <see cref="DeleteAsync"/> away. Repeatable.</summary>
    [Alias("Restore")] Task RestoreAsync();
    /// <summary>Removes record, metrics, index rows and checkpoints of a deleted run for good. Checkpoints that something else refers to stay, and so do models, evaluations and what the run kept. Repeatable, also where it was cut short.</summary>
    /// <exception cref="RefusedException">It isn't deleted, or a model version was made by it.</exception>
    [Alias("Purge"), ResponseTimeout("01:00:00")] Task PurgeAsync();
}

/// <summary>A named set of runs. Key: the experiment's name.</summary>
[Alias("lipsol.IExperimentGrain")]
public interface IExperimentGrain : IGrainWithStringKey
{
    /// <summary>Creates a run in this experiment and queues it; returns its id. The same <paramref name="requestId"/> gives the same run.</summary>
    [Alias("StartRun")] Task<string> StartRunAsync(RunSpec spec, string requestId);
    /// <summary>The experiment with the number of its runs.</summary>
    [Alias("Get")] Task<ExperimentRecord> GetAsync();
}

/// <summary>Searches over all runs. Key: 0.</summary>
[Alias("lipsol.IRunHistoryGrain")]
public interface IRunHistoryGrain : IGrainWithIntegerKey
{
    /// <summary>A page of the runs that a search finds.</summary>
    /// <exception cref="RefusedException">The search can't be understood; the message shows where.</exception>
    [Alias("Search")] Task<RunPage> SearchAsync(RunSearch search);
    /// <summary>A metric's course between two steps in at most so many buckets (at least 2), for drawing.</summary>
    [Alias("GetMetricHistory")] Task<MetricHistory> GetMetricHistoryAsync(string runId, string name, long fromStep, long toStep, int buckets);
    /// <summary>Points of a run by name and step, behind a name and step: for reading many in pages, without waking the run.</summary>
    [Alias("ReadPoints")] Task<List<MetricPoint>> ReadPointsAsync(string runId, string? name, string afterName, long afterStep, int take);
    /// <summary>Runs that aren't deleted, newest first; records as in <see cref="RunPage"/>.</summary>
    [Alias("List")] Task<List<RunRecord>> ListAsync(RunQuery query);
    /// <summary>All experiments by name.</summary>
    [Alias("ListExperiments")] Task<List<ExperimentRecord>> ListExperimentsAsync();
    /// <summary>Makes the index again from the runs' own records; returns how many there are.</summary>
    [Alias("Rebuild")] Task<int> RebuildAsync();
}
