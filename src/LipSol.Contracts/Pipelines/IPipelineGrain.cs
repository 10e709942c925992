using LipSol.Contracts.Runs;
using Orleans.Concurrency;

namespace LipSol.Contracts.Pipelines;

/// <summary>A pipeline: its definitions, its schedule, its runs. Key: its name.</summary>
[Alias("lipsol.IPipelineGrain")]
public interface IPipelineGrain : IGrainWithStringKey
{
    /// <summary>Registers a definition (YAML). The same text again changes nothing; another one is the next version: runs that have begun keep theirs.</summary>
    /// <exception cref="RefusedException">It can't be used; the message has the lines and what to do.</exception>
    [Alias("Register")] Task<PipelineRecord> RegisterAsync(string definition, string by = "");
    /// <summary>The pipeline; null where there's none.</summary>
    [Alias("Get"), AlwaysInterleave] Task<PipelineRecord?> GetAsync();
    /// <summary>Begins a run by hand and returns its number. The same <paramref name="requestId"/> gives the same run.</summary>
    /// <exception cref="RefusedException">There's no such pipeline; one still runs and its rule is to skip.</exception>
    [Alias("Start")] Task<int> StartAsync(string requestId, string by = "");
    /// <summary>Begins a run for each time that the schedule had on these days, one after another, whatever the rule for runs that overlap: they neither stand in the way of those of the schedule, which go first, nor are cancelled for them. Returns their numbers; the same <paramref name="requestId"/>, where one is given, gives the same runs.</summary>
    /// <exception cref="RefusedException">There's no schedule; the days are too many, in the future or the wrong way round.</exception>
    [Alias("Backfill")] Task<List<int>> BackfillAsync(DateOnly from, DateOnly to, string by = "", string requestId = "");
    /// <summary>Cancels a run, whether it waits or runs. 0: the one that runs.</summary>
    /// <exception cref="RefusedException">It doesn't run, or there's no such run.</exception>
    [Alias("Cancel")] Task CancelAsync(int number, string reason);
    /// <summary>Goes on with a failed or cancelled run: what is done stays, the rest is done. With 0: the schedule of a pipeline that was paused holds again, from now on.</summary>
    /// <exception cref="RefusedException">The run succeeded, or another runs.</exception>
    [Alias("Resume")] Task ResumeAsync(int number);
    /// <summary>The schedule begins no run until <see cref="ResumeAsync"/>. Repeatable.</summary>
    [Alias("Pause")] Task PauseAsync();
    /// <summary>Takes the pipeline away: its schedule ends, lists leave it out. What its runs made stays, and so does their record.</summary>
    /// <exception cref="RefusedException">One of its runs is under way.</exception>
    [Alias("Delete")] Task DeleteAsync();
    /// <summary>What happened, newest first.</summary>
    [Alias("GetHistory"), AlwaysInterleave] Task<PipelineHistory> GetHistoryAsync(int skip, int take);
    /// <summary>Begins what is due, and mends what a crash left between two writes. Done by a reminder; repeatable.</summary>
    [Alias("Wake")] Task WakeAsync();
    /// <summary>What its steps left (JSON as <c>LipSol.Pipelines</c> writes it). For its runs.</summary>
    [Alias("Recall"), AlwaysInterleave] Task<string> RecallAsync(string step);
    /// <summary>A step of a run left something. For its runs; repeatable.</summary>
    [Alias("Remember")] Task RememberAsync(string result);
    /// <summary>A run is over. For its runs; repeatable.</summary>
    [Alias("Over")] Task OverAsync(int number);
}

/// <summary>The names of all pipelines. Key: 0.</summary>
[Alias("lipsol.IPipelineRegistryGrain")]
public interface IPipelineRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>All pipelines, by name.</summary>
    [Alias("List")] Task<List<PipelineRecord>> ListAsync();
    /// <summary>Adds a name; repeatable.</summary>
    [Alias("Add")] Task AddAsync(string name);
    /// <summary>Takes a name out; repeatable.</summary>
    [Alias("Remove")] Task RemoveAsync(string name);
}

/// <summary>One run of a pipeline. Key: <c>name/number</c>. Callable from anywhere; begun by its pipeline alone.</summary>
[Alias("lipsol.IPipelineRunGrain")]
public interface IPipelineRunGrain : IGrainWithStringKey
{
    /// <summary>Begins the run. Once; repeatable.</summary>
    [Alias("Begin")] Task BeginAsync(PipelineRunRequest request);
    /// <summary>The run; null where it wasn't begun.</summary>
    [Alias("Get"), AlwaysInterleave] Task<PipelineRunRecord?> GetAsync();
    /// <summary>Cancels it. A promotion that has begun is let end. Repeatable.</summary>
    [Alias("Cancel")] Task CancelAsync(string reason);
    /// <summary>Goes on with a run that failed or was cancelled.</summary>
    [Alias("Resume")] Task ResumeAsync();
    /// <summary>Goes on with what was under way when a node died. Done by a reminder; repeatable.</summary>
    [Alias("Wake")] Task WakeAsync();
}
