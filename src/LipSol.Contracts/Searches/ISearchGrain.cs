using LipSol.Contracts.Runs;

namespace LipSol.Contracts.Searches;

/// <summary>A search for the best parameters: proposes trials, which are runs of the experiment of its name, and judges them. Key: the search's name.</summary>
[Alias("lipsol.ISearchGrain")]
public interface ISearchGrain : IGrainWithStringKey
{
    /// <summary>Writes the search down and begins. The same definition again is the same search: nothing happens.</summary>
    /// <exception cref="RefusedException">There's another search of this name, or the definition can't be used.</exception>
    [Alias("Start")] Task<SearchRecord> StartAsync(SearchRequest request);
    /// <summary>The record; null where no such search was started.</summary>
    [Alias("Get"), Orleans.Concurrency.AlwaysInterleave] Task<SearchRecord?> GetAsync();
    /// <summary>No further trial begins; those that run go on. Repeatable.</summary>
    /// <exception cref="RefusedException">There's no such search, or it's over.</exception>
    [Alias("Pause")] Task<SearchRecord> PauseAsync(string reason);
    /// <summary>Goes on: a search that was paused, stopped, or gave up after failures. Repeatable.</summary>
    /// <exception cref="RefusedException">There's no such search, or nothing is left to try.</exception>
    [Alias("Resume")] Task<SearchRecord> ResumeAsync();
    /// <summary>So many more trials; one that is completed goes on. The same <paramref name="requestId"/>, where one is given, adds once.</summary>
    /// <exception cref="RefusedException">There's no such search, or there would be too many trials.</exception>
    [Alias("AddTrials")] Task<SearchRecord> AddTrialsAsync(int count, string requestId = "");
    /// <summary>Ends the search: no further trial begins, and those that run are stopped. Repeatable.</summary>
    /// <exception cref="RefusedException">There's no such search.</exception>
    [Alias("Stop")] Task<SearchRecord> StopAsync(string reason);
    /// <summary>A run of it has ended, or has a new value (<see cref="TrialOf"/>). A word that is lost is made up for by the search's own looking.</summary>
    [Alias("TrialMoved"), Orleans.Concurrency.OneWay] Task TrialMovedAsync(string runId);
    /// <summary>Compares the trials with their runs, judges, and begins what can begin. The grain does so by itself from time to time; repeatable.</summary>
    [Alias("Reconcile")] Task ReconcileAsync();
}

/// <summary>The names of all searches. Key: 0.</summary>
[Alias("lipsol.ISearchRegistryGrain")]
public interface ISearchRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Enters a name. Repeatable.</summary>
    [Alias("Add")] Task AddAsync(string name);
    /// <summary>All searches, newest first, without their trials.</summary>
    [Alias("List")] Task<List<SearchRecord>> ListAsync();
}
