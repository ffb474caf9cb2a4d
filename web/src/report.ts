// report.ts -- a run's report: the same pieces, fed from the page itself.
import { mount } from 'svelte';
import 'uplot/dist/uPlot.min.css';
import './app.css';
import Report from './views/Report.svelte';

const data = JSON.parse(document.getElementById('run-data')!.textContent!);
mount(Report, { target: document.getElementById('app')!, props: { data } });
