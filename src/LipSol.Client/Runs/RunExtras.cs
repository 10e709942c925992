namespace LipSol.Client;

/// <summary>A named set of runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Runs">How many runs it has.</param>
/// <param name="CreatedAt">When its first run was created.</param>
public sealed record Experiment(string Name, int Runs, DateTimeOffset CreatedAt);

/// <summary>Asks a run to stop.</summary>
/// <param name="Reason">Why, for the run's record.</param>
public sealed record StopRun(string Reason);

/// <summary>A file that was taken into the artifact store.</summary>
/// <param name="Hash">Its MD5: what it's named by from now on.</param>
/// <param name="Bytes">Its length.</param>
public sealed record StoredArtifact(string Hash, long Bytes);

/// <summary>An artifact of a run.</summary>
/// <param name="Name">What it is: <c>model</c>, <c>evaluation</c>, <c>checkpoint@1200</c>, …</param>
/// <param name="Hash">Its MD5, with <c>.dir</c> behind it for a folder.</param>
public sealed record ArtifactEntry(string Name, string Hash);
