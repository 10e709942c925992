namespace LipSol.Kernel.Engine;

/// <summary>Asks the person in front of the notebook for a line; what is typed isn't shown where <paramref name="isPassword"/> holds.</summary>
/// <exception cref="InvalidOperationException">Nobody can be asked; the message says what to do instead.</exception>
public delegate Task<string> CellInput(string prompt, bool isPassword, CancellationToken cancellation);

/// <summary><c>Console.In</c> of cells: each line is asked for.</summary>
internal sealed class ConsoleInput(TextReader console) : TextReader
{
    private string _rest = "";

    public override int Peek() => Fill() ? _rest[0] : -1;

    public override int Read()
    {
        if (!Fill())
            return -1;
        var next = _rest[0];
        _rest = _rest[1..];
        return next;
    }

    public override string? ReadLine()
    {
        if (Microsoft.DotNet.Interactive.KernelInvocationContext.Current is not { } cell)
            return console.ReadLine();
        if (_rest.Length == 0)
            return cell.Ask("", isPassword: false).GetAwaiter().GetResult();
        var line = _rest.TrimEnd('\n');
        _rest = "";
        return line;
    }

    private bool Fill()
    {
        if (_rest.Length == 0 && ReadLine() is { } line)
            _rest = line + "\n";
        return _rest.Length > 0;
    }
}
