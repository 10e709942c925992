using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Dvc;

/// <summary>A file of the workspace.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="RelativePath">Its path in the folder that is versioned, with forward slashes; of a single file its name.</param>
/// <param name="State">Its state; of a link that of the file it leads to.</param>
/// <param name="IsLink">Whether it's a symbolic link.</param>
internal readonly record struct ScannedFile(string Path, string RelativePath, FileState State, bool IsLink);
