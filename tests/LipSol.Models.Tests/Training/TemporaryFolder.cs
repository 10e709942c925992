namespace LipSol.Models.Tests.Training;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lipsol-models-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
