namespace LipSol.Client;

/// <summary>Where an imported version comes from.</summary>
/// <param name="Model">The model's name on the node that trained it.</param>
/// <param name="Version">Its version there.</param>
/// <param name="Registered">When it was registered there.</param>
/// <param name="CodeVersion">Version of LipSol that trained it.</param>
/// <param name="Seed">The run's seed, where it was known.</param>
/// <param name="Bundle">SHA-256 of the bundle it came in.</param>
public sealed record ModelOrigin(string Model, int Version, DateTimeOffset Registered, string CodeVersion, long? Seed, string Bundle);

/// <summary>A bundle that was taken in.</summary>
/// <param name="Version">The version it became. Nothing was promoted.</param>
/// <param name="WasThere">The model had this very version already: nothing new was registered.</param>
public sealed record ImportedModel(ModelVersion Version, bool WasThere);

/// <summary>A version as one object of versioned data: the folder of its bundle's parts.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version.</param>
/// <param name="Hash">The folder's hash; another node takes the version in by it.</param>
public sealed record ModelObject(string Model, int Version, string Hash);

/// <summary>How much of a file has passed.</summary>
/// <param name="Done">Bytes so far.</param>
/// <param name="Total">Bytes in all; null where it isn't known.</param>
public readonly record struct TransferProgress(long Done, long? Total);
