namespace LipSol.Testing.HeldNode;

/// <summary>Where something waits until the process is killed. The file says that it does.</summary>
internal sealed class Hold(string file)
{
    private static readonly TaskCompletionSource Never = new();

    public Task Reached()
    {
        File.WriteAllText(file, "");
        return Never.Task;
    }
}
