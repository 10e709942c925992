namespace LipSol.Silo.Node;

/// <summary>A node that can't start as asked: the message is the one line that the person who started it reads.</summary>
internal sealed class NodeStartException(string message, Exception? inner = null) : Exception(message, inner)
{
    public static NodeStartException DiskFull(string folder, Exception inner) => new($"The disk of {folder} is full. Free some space, or name another folder with --data.", inner);
}
