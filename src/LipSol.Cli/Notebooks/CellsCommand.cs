using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using LipSol.Cli.CommandLine;
using LipSol.Kernel.Notebooks;

namespace LipSol.Cli.Notebooks;

/// <summary><c>notebook cells</c>: the process in which <c>notebook run</c> runs a notebook's cells. Nobody types it.</summary>
internal static class CellsCommand
{
    private const string Name = "cells";

    public static Command Create() => new CliCommand(Name, "Run cells for the program that started this one.") { TakesSignals = true, Hidden = true }.Does(async _ =>
    {
        try
        {
            await NotebookProcess.ServeAsync();
        }
        catch (Exception e) when (e is NotebookFormatException or JsonException)
        {
            throw new BadInputException("`lipsol notebook run` starts this, and tells it what to run. Use that.", e);
        }

        // A thread that a cell left behind would keep the process for ever.
        Environment.Exit(ExitStatus.Done);
        return ExitStatus.Done;
    });

    /// <summary>How that process is started.</summary>
    public static ProcessStartInfo StartInfo()
    {
        var command = OwnProgram.Command;
        return new ProcessStartInfo(command[0], [.. command[1..], "notebook", Name]);
    }
}
